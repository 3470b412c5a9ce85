"""What the script does to its session and to the tables while it runs, read in that same session."""

from behave import then, when

from steps.support import spanish
from steps.support.finding import Finding, Kind
from steps.support.postgres.locks import STRONG, family
from steps.support.postgres.psql import Run
from steps.support.traffic.watch import Watch
from steps.support.unmet import require

LONGEST_HOLD = 2.0  # seconds: no catalogue change takes as long on any machine that runs this
MARK = "@@"
# app.tenant_id is the service's own, which no view lists: left on a pooled connection, the next session would be
# another clinic's.
SESSION = """
SELECT 'el ajuste ' || name, setting FROM pg_settings WHERE name NOT LIKE 'plpgsql.%'  -- there from its first use on
UNION ALL SELECT 'el ajuste app.tenant_id', current_setting('app.tenant_id', true)
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


@when("se ejecuta la migración en una conexión que sigue abierta")
def run_in_session(context):
    """Ejecuta el script en una conexión que sigue después, y anota cómo estaba la sesión antes y cómo queda."""
    look = [f"\\echo {MARK}", SESSION, f"\\echo {MARK}"]
    _, before, _, after, _ = _run(context, before=look, after=look)
    context.before, context.after = _pairs(before), _pairs(after)


@when("se ejecuta la migración contando las órdenes que da")
def run_for_commands(context):
    """Ejecuta el script con psql y anota cada orden que recibió el servidor."""
    (printed,) = _run(context, quiet=False)
    # What the server calls them: DO, ALTER TABLE, UPDATE 3. Other lines are the rows of a SELECT.
    context.commands = [
        line if line.replace(" ", "").isalnum() and line[:1].isupper() else "SELECT" for line in printed.splitlines()
    ]


@when("se ejecuta la migración y se deshace antes de confirmar")
def run_undone(context):
    """Ejecuta el script dentro de una transacción, anota cuántas filas tocó, y la deshace."""
    locked = family(*context.world.subject.relations) + LOCKED
    look = [f"\\echo {MARK}", TOUCHED, f"\\echo {MARK}", locked]
    *_, touched, locked = _run(context, before=["BEGIN"], after=[*look, "ROLLBACK"])
    context.touched, context.locked = _pairs(touched), _pairs(locked)


@when("se ejecuta la migración midiendo cuánto bloquea la tabla")
def run_watched(context):
    """Ejecuta el script mientras se mira, cada pocos milisegundos, cuánto tiempo la tabla queda bloqueada."""
    context.world.take_evidence()  # first: a database in use cannot be cloned
    with Watch(context.world.database, *context.world.subject.relations) as context.watch:
        context.world.run()


@then("la conexión queda como estaba")
def session_is_as_it_was(context):
    """La sesión no conserva del script ningún ajuste, candado, tabla temporal, rol ni transacción abierta."""
    before, after = context.before, context.after
    pairs = [(name, before.get(name, "nada"), after.get(name, "nada")) for name in sorted({*before, *after})]
    found = [Finding(Kind.SESSION_CHANGED, "", name, was, now) for name, was, now in pairs if was != now]
    require([one for one in found if one.name == "el rol"] or found)  # another role is shown other settings


@then("dio una sola orden")
def script_was_one_block(context):
    """El servidor recibió una sola orden, un bloque DO."""
    found = Finding(Kind.SEVERAL_STATEMENTS, after=", ".join(context.commands))
    require([found] * (context.commands != ["DO"]))


@then("no leyó ni escribió ninguna fila")
def no_row_was_touched(context):
    """El script no leyó ni escribió ninguna fila de ninguna tabla, ni abrió ninguna de sus páginas."""
    require(Finding(Kind.ROWS_READ, table, after=counts) for table, counts in context.touched.items())


@then("la tabla quedó libre enseguida")
def table_was_not_held(context):
    """La tabla no estuvo bloqueada más de dos segundos, más de lo que el cambio lleva en cualquier máquina."""
    held, most = (spanish.duration(seconds) for seconds in (context.watch.held, LONGEST_HOLD))
    table = context.world.subject.table
    require([Finding(Kind.HELD_TOO_LONG, table, before=most, after=held)] * (context.watch.held >= LONGEST_HOLD))


@then("no bloqueó ninguna otra tabla")
def no_other_table_was_locked(context):
    """El script no tomó, sobre ninguna tabla que no sea la suya, un bloqueo que frene a quien lee o escribe."""
    require(Finding(Kind.OTHER_TABLE_LOCKED, table, after=mode) for table, mode in context.locked.items())


def _run(context, **how):
    """Run the script; returns what psql printed, parted at the marks."""
    context.world.take_evidence()
    run = Run(context.world.database, context.world.script, **how)
    context.world.outcomes.append(run.outcome())
    context.world.expect_success(context.world.outcome)
    return run.printed.split(MARK + "\n")


def _pairs(text):
    pairs = (line.rpartition("|") for line in text.splitlines() if "|" in line)
    return {name: value for name, _, value in pairs}
