"""Sixteen runners at once, psql and Alembic mixed, directly and through a transaction-pooling PgBouncer."""

import os
import subprocess
from pathlib import Path

from steps.support.options import ROOT
from steps.support.postgres.database import Database
from steps.support.postgres.psql import Run
from steps.support.product import META_ADS
from steps.support.traffic.writers import Writers
from tests.running import BIN, HEAD
from tests.script.pgbouncer import pgbouncer
from tests.script.shapes import five, rows

PSQLS, ALEMBICS = 12, 4
LEFT = (
    "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database AND datname = current_database() "
    "WHERE locktype = 'advisory' OR (relation = 'patients'::regclass AND mode = 'AccessExclusiveLock')"
)


def alembic_upgrade(target: Database) -> subprocess.Popen[str]:
    environ = {**os.environ, "POSTGRES_DSN": target.driver_dsn()}
    environ.pop("DATABASE_URL", None)
    return subprocess.Popen(
        [str(BIN / "alembic"), "upgrade", "head"], cwd=ROOT, env=environ, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip


def all_at_once(target: Database) -> tuple[list[str], list[str]]:
    """Start twelve psql and four Alembic on `target`; returns the psql runs' last notices, and what went wrong."""
    alembics = [alembic_upgrade(target) for _ in range(ALEMBICS)]
    psqls = [Run(target, META_ADS.script) for _ in range(PSQLS)]
    outcomes = [run.outcome() for run in psqls]
    wrong = [outcome.error() for outcome in outcomes if not outcome.succeeded]
    for run in alembics:
        output, _ = run.communicate(timeout=120)
        if run.returncode:
            wrong.append(output)
    return [outcome.notices[-1] for outcome in outcomes if outcome.succeeded], wrong


def expect_one_migration(database: Database, said: list[str], wrong: list[str]) -> None:
    assert wrong == []
    assert sum(": ran" in notice for notice in said) <= 1
    assert five(database) == META_ADS.columns
    assert rows(database, "SELECT version_num FROM meta_ads_alembic_version") == [(HEAD,)]
    assert rows(database, LEFT) == [(0,)]
    # One ALTER leaves one version of the table's row in the catalogue's history of columns: five, added together.
    added = rows(
        database,
        "SELECT count(DISTINCT xmin::text), count(*) FROM pg_attribute "
        "WHERE attrelid = 'patients'::regclass AND attname ~ '^(meta_|acquisition_)'",
    )
    assert added == [(1, 5)]


def test_sixteen_at_once(database: Database) -> None:
    with Writers(database, META_ADS) as writers:
        said, wrong = all_at_once(database)
    expect_one_migration(database, said, wrong)
    assert writers.failures == []


def test_sixteen_at_once_through_pgbouncer(database: Database, runtime: Path) -> None:
    with pgbouncer(database.url, runtime, 3) as address:
        through = Database(address)
        with Writers(through, META_ADS) as writers:
            said, wrong = all_at_once(through)
        # The next client gets a session another one used: nothing of the script may be left in it.
        names = "'search_path', 'lock_timeout', 'jit', 'enable_seqscan', 'plan_cache_mode'"
        left = rows(through, f"SELECT count(*) FROM pg_settings WHERE name IN ({names}) AND source = 'session'")
    expect_one_migration(database, said, wrong)
    assert left == [(0,)]
    assert writers.failures == []
