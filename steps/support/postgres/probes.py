"""What a script did to the session and the table it ran on, read in that same session."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from steps.support.postgres import psql
from steps.support.postgres.database import Database
from steps.support.postgres.locks import STRONG, family
from steps.support.postgres.outcome import Outcome

MARK = "@@"
SESSION = r"""
SELECT 'el ajuste ' || name, setting FROM pg_settings WHERE name NOT LIKE 'plpgsql.%'  -- there from its first use on
UNION ALL SELECT 'el rol', current_user || ', ' || session_user
UNION ALL SELECT 'la transacción', CASE WHEN now() = statement_timestamp() THEN 'ninguna' ELSE 'quedó abierta' END
UNION ALL SELECT 'la sentencia preparada ' || name, 'quedó' FROM pg_prepared_statements
UNION ALL SELECT 'el cursor ' || name, 'quedó' FROM pg_cursors WHERE name <> ''
UNION ALL SELECT 'la tabla temporal ' || relname, 'quedó' FROM pg_class WHERE relnamespace = pg_my_temp_schema()
UNION ALL SELECT 'el candado ' || classid || '/' || objid, 'quedó' FROM pg_locks
          WHERE locktype = 'advisory' AND pid = pg_backend_pid()
UNION ALL SELECT 'la escucha ' || channel, 'quedó' FROM pg_listening_channels() AS channel
"""
# Counts of the transaction so far, of any table. Of what ANALYZE reads, the pages alone are counted.
TOUCHED = """
SELECT relid::regclass, CASE WHEN read + written > 0 THEN format('filas leídas: %s, escritas: %s', read, written)
                             ELSE format('bloques de filas leídos: %s', pages) END
FROM pg_stat_xact_user_tables, LATERAL (SELECT
    seq_tup_read + coalesce(idx_tup_fetch, 0), n_tup_ins + n_tup_upd + n_tup_del, pg_stat_get_xact_blocks_fetched(relid)
) counted(read, written, pages)
WHERE read + written + pages > 0
"""
# What it keeps readers or writers out of, apart from its tables and their parts.
LOCKED = f"""
SELECT c.oid::regclass, l.mode
FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
WHERE l.pid = pg_backend_pid() AND l.locktype = 'relation' AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  AND l.mode = ANY ('{{{",".join(STRONG)}}}') AND c.oid NOT IN (SELECT oid FROM family)
ORDER BY 1
"""


@dataclass
class Behaviour:
    """What a run did, as its session tells it."""

    before: dict[str, str] = field(default_factory=dict)  # the session's state
    after: dict[str, str] = field(default_factory=dict)
    touched: dict[str, str] = field(default_factory=dict)  # tables it read or wrote, and how much of them
    locked: dict[str, str] = field(default_factory=dict)  # other tables it kept others out of, and by which lock
    commands: list[str] = field(default_factory=list)  # the statements it sent


def in_a_session(database: Database, script: Path, settings: Sequence[str] = ()) -> tuple[Outcome, Behaviour]:
    """Run the script in a session that goes on after it; `settings` are the services' own, which no view lists."""
    own = "".join(f"UNION ALL SELECT 'el ajuste {name}', current_setting('{name}', true)\n" for name in settings)
    look = [f"\\echo {MARK}", SESSION + own, f"\\echo {MARK}"]
    run = psql.Run(database, script, before=look, after=look)
    outcome = run.outcome()
    parts = [*run.printed.split(MARK + "\n"), *[""] * 3]  # of a run that failed some are missing
    return outcome, Behaviour(before=_pairs(parts[1]), after=_pairs(parts[3]))


def in_a_transaction_undone(database: Database, script: Path, *relations: str) -> tuple[Outcome, Behaviour]:
    """Run the script, whose tables are `relations`, within a transaction that is then rolled back."""
    own = family(*relations)
    look = [f"\\echo {MARK}", TOUCHED, f"\\echo {MARK}", own + LOCKED]
    run = psql.Run(database, script, before=["BEGIN"], after=[*look, "ROLLBACK"])
    outcome = run.outcome()
    if not outcome.succeeded:
        return outcome, Behaviour()
    parts = run.printed.split(MARK + "\n")
    return outcome, Behaviour(touched=_pairs(parts[-2]), locked=_pairs(parts[-1]))


def commands(database: Database, script: Path) -> tuple[Outcome, Behaviour]:
    """Run the script and keep what the server calls each statement it was sent: DO, ALTER TABLE, UPDATE 3."""
    run = psql.Run(database, script, quiet=False)
    outcome = run.outcome()
    # A result's rows may be a patient's: only their being there is kept.
    lines = (line if line.isascii() and line.replace(" ", "").isalnum() and line[:1].isupper() else "SELECT"
             for line in run.printed.splitlines())  # fmt: skip
    return outcome, Behaviour(commands=list(lines))


def _pairs(text: str) -> dict[str, str]:
    pairs = (line.rpartition("|") for line in text.splitlines() if "|" in line)
    return {name: value for name, _, value in pairs}
