"""What somebody hostile would try from a clinic's session, composed: every way of asking of every way of naming.

`BY_CLASS` are attempts by class, each a name and what is done with a session. `ENDS_THE_ROLE` are those that give the
role back, which only a login that has nothing but the role survives; docs/backend.md says so.
"""

# ruff: noqa: E501  an attempt is a line

from collections.abc import Callable, Iterator
from itertools import cycle
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only

from tests.tenancy import queries
from tests.tenancy.acts import Act, rows
from tests.tenancy.two_clinics import NORTH, SOUTH

NAMED = {
    "plain": "patients", "with its schema": "public.patients", "quoted": '"patients"', "in capitals": "PATIENTS",
    "ONLY": "ONLY patients", "ONLY in brackets": "ONLY (public.patients)", "a star": "patients *",
    "escaped": r'U&"\0070atients"', "escaped otherwise": r"""U&"!0070atients" UESCAPE '!'""",
    "commented": "/* tenants */ patients -- x\n", "by a view": "everybody",
}  # fmt: skip
ROWS = {  # what stands for the table in FROM alone
    **NAMED, "renamed": "patients AS p(tenant_id, x)", "sampled": "patients TABLESAMPLE SYSTEM (100)",
    "a subquery": "(SELECT * FROM patients) AS patients", "TABLE": "(TABLE patients) AS p",
    "lateral": "tenants, LATERAL (SELECT notes FROM patients WHERE tenant_id = tenants.id) AS p(found)",
    "joined": "tenants RIGHT JOIN patients ON true", "full": "patients FULL JOIN appointments ON patient_id = patients.id",
    "row by row": "(SELECT (p).* FROM patients AS p) AS q", "from a function": "pg_temp.all_of_them() AS patients",
}  # fmt: skip
READS = {
    "all": "SELECT * FROM {0}", "as a row": "SELECT q.* FROM (SELECT * FROM {0}) AS q", "of another": f"SELECT * FROM {{0}} WHERE {SOUTH} = {SOUTH}",
    "as JSON": "SELECT (SELECT jsonb_agg(to_jsonb(q)) FROM (SELECT * FROM {0}) AS q)::text",
    "as XML": "SELECT string_agg(xmlforest(q.*)::text, '') FROM (SELECT * FROM {0}) AS q",
    "as text": "SELECT string_agg(q::text, ',') FROM (SELECT * FROM {0}) AS q",
    "as an array": "SELECT array_agg(q::text)::text FROM (SELECT * FROM {0}) AS q",
    "union": "SELECT q::text FROM (SELECT * FROM {0}) AS q UNION ALL SELECT q::text FROM (SELECT * FROM {0}) AS q",
    "except": "SELECT q::text FROM (SELECT * FROM {0}) AS q EXCEPT ALL SELECT ''",
    "intersect": "SELECT q::text FROM (SELECT * FROM {0}) AS q INTERSECT SELECT q::text FROM (SELECT * FROM {0}) AS q",
    "a CTE": "WITH a AS MATERIALIZED (SELECT * FROM {0}) SELECT * FROM a",
    "recursive": "WITH RECURSIVE a(n, t) AS (SELECT 1, q::text FROM (SELECT * FROM {0}) AS q UNION ALL SELECT n + 1, t FROM a WHERE n < 2) SELECT t FROM a",
    "a window": "SELECT first_value(q::text) OVER (), nth_value(q::text, 2) OVER () FROM (SELECT * FROM {0}) AS q",
    "grouped": "SELECT q::text, count(*) FROM (SELECT * FROM {0}) AS q GROUP BY GROUPING SETS ((1), ()) HAVING count(*) > 0",
    "ordered": "SELECT * FROM {0} ORDER BY 1 DESC OFFSET 0 FETCH FIRST 100 ROWS WITH TIES",
    "in VALUES": "VALUES ((SELECT string_agg(q::text, ',') FROM (SELECT * FROM {0}) AS q))",
    "in an error": "SELECT (q::text)::int FROM (SELECT * FROM {0}) AS q",
    "by a function in WHERE": "SELECT current_setting('a.b', true) FROM {0} WHERE set_config('a.b', coalesce(current_setting('a.b', true), '') || ctid::text, true) IS NOT NULL",
    "into a table of its own": "CREATE TEMP TABLE mine AS SELECT * FROM {0}; SELECT * FROM mine",
    "a cursor": "DECLARE c CURSOR FOR SELECT * FROM {0}; FETCH ALL FROM c",
    "a scrolling cursor": "DECLARE c SCROLL CURSOR WITH HOLD FOR SELECT * FROM {0}; FETCH LAST FROM c",
    "prepared": "PREPARE s AS SELECT * FROM {0}; EXECUTE s",
    "explained": "EXPLAIN (ANALYZE, VERBOSE, FORMAT TEXT) SELECT * FROM {0} WHERE 1 = 1",
}  # fmt: skip
LOCKS = [
    f"SELECT * FROM {{0}} FOR {how}"
    for how in ("UPDATE", "NO KEY UPDATE", "SHARE", "KEY SHARE", "UPDATE SKIP LOCKED", "UPDATE NOWAIT")
]
WRITES = {
    "change all": "UPDATE {0} SET notes = 'x'", "change another's": f"UPDATE {{0}} SET notes = 'x' WHERE tenant_id = {SOUTH}",
    "change and show": "UPDATE {0} SET notes = 'x' RETURNING *", "move away": f"UPDATE {{0}} SET tenant_id = {SOUTH}",
    "move here": f"UPDATE {{0}} SET tenant_id = {NORTH}", "take an id": "UPDATE {0} SET id = 1001 WHERE id = 11",
    "by a join": "UPDATE {0} SET notes = o.notes FROM patients AS o", "by the clinics": "UPDATE {0} SET notes = t.owner_email FROM tenants AS t RETURNING *",
    "by a row": "UPDATE {0} SET (notes, tenant_id) = (SELECT notes, tenant_id FROM patients ORDER BY id DESC LIMIT 1)",
    "delete all": "DELETE FROM {0} RETURNING *", "delete another's": f"DELETE FROM {{0}} WHERE tenant_id = {SOUTH}",
    "delete by a join": "DELETE FROM {0} USING tenants AS t RETURNING *",
    "in a CTE": "WITH gone AS (DELETE FROM {0} RETURNING *) SELECT * FROM gone",
    "in a CTE, changed": f"WITH changed AS (UPDATE {{0}} SET tenant_id = {SOUTH} RETURNING *) SELECT * FROM changed",
    "at a cursor": "DECLARE c CURSOR FOR SELECT * FROM {0} FOR UPDATE; FETCH 1 FROM c; DELETE FROM {0} WHERE CURRENT OF c",
    "merge": f"MERGE INTO {{0}} USING generate_series(1001, 1004) g(n) ON id = n WHEN MATCHED THEN UPDATE SET notes = 'x' WHEN NOT MATCHED THEN INSERT (tenant_id, phone_number, first_name) VALUES ({SOUTH}, 'm' || n, 'm')",
    "merge away": "MERGE INTO {0} USING tenants AS t ON true WHEN MATCHED THEN DELETE", "truncate": "TRUNCATE {0} CASCADE", "truncate all": "TRUNCATE patients, appointments RESTART IDENTITY",
    "lock": "LOCK TABLE {0} IN ACCESS EXCLUSIVE MODE; UPDATE patients SET notes = 'x'",
}  # fmt: skip
NEW = "(tenant_id, phone_number, first_name, notes)"
ADDS = {
    "another's": f"INSERT INTO {{0}} {NEW} VALUES ({SOUTH}, 'a', 'a', 'a')", "computed": f"INSERT INTO {{0}} {NEW} SELECT {NORTH} + 1, 'a', 'a', 'a'",
    "many": f"INSERT INTO {{0}} {NEW} VALUES ({NORTH}, 'a', 'a', 'a'), ({SOUTH}, 'b', 'b', 'b')",
    "copied": f"INSERT INTO {{0}} {NEW} SELECT {NORTH}, phone_number || '!', first_name, notes FROM patients RETURNING *",
    "shown": f"INSERT INTO {{0}} {NEW} VALUES ({SOUTH}, 'a', 'a', 'a') RETURNING {NORTH} AS tenant_id",
    "or change by id": f"INSERT INTO {{0}} (id, tenant_id, phone_number, first_name) VALUES (1001, {NORTH}, 'a', 'a') ON CONFLICT (id) DO UPDATE SET notes = 'x' RETURNING *",
    "or change by phone": f"INSERT INTO {{0}} {NEW} VALUES ({SOUTH}, 's1001', 'a', 'a') ON CONFLICT (tenant_id, phone_number) DO UPDATE SET notes = excluded.notes",
    "or show": f"INSERT INTO {{0}} {NEW} VALUES ({SOUTH}, 's1001', 'a', 'a') ON CONFLICT DO NOTHING RETURNING *",
    "or move": f"INSERT INTO {{0}} {NEW} VALUES ({NORTH}, 'n11', 'a', 'a') ON CONFLICT (tenant_id, phone_number) DO UPDATE SET tenant_id = {SOUTH}",
    "by DEFAULT": "INSERT INTO {0} DEFAULT VALUES",
}  # fmt: skip
CLINICS = [
    "SELECT * FROM tenants", "SELECT owner_email FROM ONLY (public.tenants)", "TABLE tenants", "DELETE FROM tenants", f"DELETE FROM tenants WHERE id = {SOUTH}",
    "UPDATE tenants SET owner_email = 'x'", f"UPDATE tenants SET owner_email = 'x' WHERE id = {SOUTH} RETURNING *", "UPDATE tenants SET id = 77",
    f"UPDATE tenants SET id = {SOUTH} + 1000", "INSERT INTO tenants (bot_phone_number) VALUES ('x')", "TRUNCATE tenants CASCADE",
    "MERGE INTO tenants USING (VALUES (3)) v(n) ON v.n = tenants.id WHEN MATCHED THEN DELETE", "WITH g AS (DELETE FROM tenants RETURNING *) SELECT * FROM g",
    "SELECT t::text FROM tenants AS t", f"INSERT INTO tenants (id, bot_phone_number) VALUES ({SOUTH}, 'x') ON CONFLICT (id) DO UPDATE SET owner_email = 'x' RETURNING *",
    "UPDATE tenants SET owner_email = p.notes FROM patients AS p RETURNING *", "SELECT * FROM appointments JOIN patients ON patient_id = patients.id",
    "SELECT * FROM appointments", "UPDATE appointments SET starts_at = now() RETURNING *", "DELETE FROM appointments", "INSERT INTO appointments (patient_id, starts_at) VALUES (1001, now())",
    "UPDATE appointments SET patient_id = 1001",
]  # fmt: skip
# What would weaken the guard, if the role could, before the rows are read and changed.
WEAKENS = [
    "SET LOCAL row_security = off", "SET row_security = off", "ALTER TABLE patients DISABLE ROW LEVEL SECURITY", "ALTER TABLE patients NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY tenant_rows_only ON patients", "ALTER POLICY tenant_rows_only ON patients USING (true)", "CREATE POLICY mine ON patients USING (true)",
    "ALTER TABLE patients OWNER TO CURRENT_USER", "GRANT TRUNCATE ON patients TO PUBLIC", "ALTER ROLE CURRENT_USER BYPASSRLS", "ALTER ROLE orchestrator_tenant SUPERUSER",
    "SET LOCAL search_path = pg_temp, public", "CREATE TEMP VIEW tenants AS SELECT 3 AS id", "CREATE TEMP VIEW patients AS SELECT * FROM public.patients", "CREATE TEMP TABLE patients (notes text)",
    "CREATE FUNCTION pg_temp.f() RETURNS SETOF patients LANGUAGE sql SECURITY DEFINER AS 'SELECT * FROM public.patients'", "CREATE RULE r AS ON SELECT TO patients DO INSTEAD NOTHING",
    "CREATE TRIGGER t BEFORE UPDATE ON patients EXECUTE FUNCTION touch_updated_at()", "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION touch_updated_at()",
    "SET LOCAL session_replication_role = replica", "SET LOCAL default_transaction_read_only = off", "SET LOCAL plan_cache_mode = force_generic_plan", "SET LOCAL enable_seqscan = off",
    "SET LOCAL constraint_exclusion = on", "SET LOCAL application_name = 'x'", "SET CONSTRAINTS ALL DEFERRED",
    "SET LOCAL transform_null_equals = on", "SET LOCAL quote_all_identifiers = on", "SET LOCAL escape_string_warning = off", "SET LOCAL standard_conforming_strings = off",
    "SAVEPOINT a; ROLLBACK TO a", "SAVEPOINT a; SET LOCAL ROLE orchestrator_tenant; RELEASE a", "DISCARD PLANS", "DEALLOCATE ALL", "CLOSE ALL", "UNLISTEN *", "CHECKPOINT", "LISTEN x; NOTIFY x",
    "CREATE TABLE public.mine AS SELECT * FROM patients", "CREATE INDEX ON patients (notes)", "COMMENT ON TABLE patients IS 'x'", "REINDEX TABLE patients", "ANALYZE patients",
    "CREATE STATISTICS s ON notes, first_name FROM patients", "SECURITY LABEL ON TABLE patients IS 'x'", "COPY patients FROM PROGRAM 'echo x'", "COPY (SELECT * FROM patients) TO PROGRAM 'cat'",
    "CREATE EXTENSION dblink", "SELECT lo_import('/etc/passwd')", "SELECT pg_read_file('PG_VERSION')", "SELECT * FROM pg_stats WHERE tablename = 'patients'", "SELECT * FROM pg_statistic",
    "SELECT pg_terminate_backend(pg_backend_pid())", "ALTER SYSTEM SET row_security = off", "ALTER DATABASE postgres SET app.tenant_id = '3'", "ALTER ROLE CURRENT_USER SET app.tenant_id = '3'",
    "DO $$ BEGIN EXECUTE 'UPDATE patients SET notes = ''x'''; END $$", "DO $$ DECLARE r record; BEGIN FOR r IN SELECT * FROM patients LOOP RAISE NOTICE '%', r; END LOOP; END $$",
]  # fmt: skip
ENDS_THE_ROLE = [
    "SET LOCAL ROLE pg_read_all_data", "SET LOCAL ROLE pg_database_owner",
    "RESET ROLE", "SET ROLE NONE", "SET LOCAL ROLE NONE", "SET LOCAL ROLE DEFAULT", "SELECT set_config('role', 'none', true)", "RESET ALL", "SET SESSION AUTHORIZATION DEFAULT",
    "RESET SESSION AUTHORIZATION", "DISCARD ALL", "COMMIT", "ROLLBACK", "END", "ABORT", "COMMIT AND CHAIN", "ROLLBACK AND CHAIN", "PREPARE TRANSACTION 'x'", "COMMIT; BEGIN", "DO $$ BEGIN COMMIT; END $$",
    "SET LOCAL app.tenant_id = ''", "RESET app.tenant_id", "SET app.tenant_id TO DEFAULT",
]  # fmt: skip
THEN = (
    "SELECT * FROM patients",
    "UPDATE patients SET notes = 'x'",
    "DELETE FROM patients RETURNING *",
    "SELECT owner_email FROM tenants",
)
FUNCTION = "CREATE FUNCTION pg_temp.all_of_them() RETURNS SETOF patients LANGUAGE sql AS 'SELECT * FROM patients'"


def _said(*statements: str) -> Act:
    """Statements one by one; what the last of them gives back."""

    def act(session: Session) -> Any:
        found: Any = []
        for statement in statements:
            found = rows(session.execute(text(statement.replace(":", r"\:"))))
        return found

    return act


def _through_the_driver(sql: str) -> Act:
    def act(session: Session) -> Any:
        connection = session.connection().connection
        driver: Any = connection.driver_connection
        if hasattr(driver, "fetch"):  # asyncpg: several statements at once only where none gives rows back
            said = await_only(driver.execute(sql) if "; " in sql else driver.fetch(sql))
            return [] if isinstance(said, str) else [list(row.values()) for row in said]
        cursor = connection.cursor()
        cursor.execute(sql)
        return list(cursor.fetchall()) if cursor.description else []

    return act


def _each(how: dict[str, str], named: dict[str, str], make: Callable[[str], Act]) -> Iterator[tuple[str, Act]]:
    for what, sql in how.items():
        for name, table in named.items():
            yield f"{what}, {name}", make(sql.format(table))


def _one_by_one(sql: str) -> Act:
    before = (FUNCTION,) if "all_of_them" in sql else ()
    return _said(*before, *sql.split("; "))


def _shapes() -> Iterator[tuple[str, Act]]:
    """Every shape of a query in every wrapper, the source by turns."""
    sources = cycle(["class", "alias", "subquery", "cte", "alias of the table", "table", "table alias"])
    for shape in queries.SHAPES:
        for wrapper in queries.WRAPPERS:
            kind = next(sources)

            def ask(session: Session, shape: str = shape, wrapper: str = wrapper, kind: str = kind) -> Any:
                query = queries.WRAPPERS[wrapper](queries.SHAPES[shape](queries._source(kind)))
                return rows(session.execute(query))

            yield f"{shape}, {wrapper}, {kind}", ask


def _after(first: list[str]) -> Iterator[tuple[str, Act]]:
    for one in first:
        for then in THEN:
            yield f"{one}; {then}", _said(*one.split("; "), then)


BY_CLASS: dict[str, dict[str, Act]] = {
    "reads": dict(_each(READS, ROWS, _one_by_one)),
    "locks": {sql.format(name): _said(sql.format(name)) for sql in LOCKS for name in NAMED.values()},
    "writes": dict(_each(WRITES, NAMED, _one_by_one)),
    "inserts and upserts": dict(_each(ADDS, NAMED, _one_by_one)),
    "clinics and what has no tenant_id": {sql: _said(sql) for sql in CLINICS},
    "by the driver": dict(_each({**READS, **WRITES, **ADDS}, {"plain": "patients"}, _through_the_driver)),
    "by the ORM and Core": dict(_shapes()),
    "after what would weaken": dict(_after(WEAKENS)),
}
AFTER_THE_ROLE = dict(_after(ENDS_THE_ROLE))
IN_ONE_STRING = {f"{one}; {then}": _through_the_driver(f"{one}; {then}") for one in ENDS_THE_ROLE for then in THEN}
