"""Whatever a script changes in how a database is made is seen and named, of whatever kind."""

from collections.abc import Iterator

import pytest

from steps.support import spanish
from steps.support.evidence.before_after import Evidence
from steps.support.postgres.database import Database, Pool
from steps.support.postgres.server import Server

MADE = """
CREATE MATERIALIZED VIEW mv AS SELECT 1 AS n;
CREATE TYPE comp AS (a int, b text); CREATE DOMAIN dom AS text DEFAULT 'x' CHECK (VALUE <> '');
CREATE FUNCTION fn(a int DEFAULT 1) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE AGGREGATE agg (int) (sfunc = int4pl, stype = int4, initcond = '0');
CREATE OPERATOR === (leftarg = int, rightarg = int, function = int4eq);
CREATE CAST (comp AS text) WITH INOUT;
CREATE TEXT SEARCH CONFIGURATION tsc (COPY = simple);
CREATE TEXT SEARCH DICTIONARY tsd (TEMPLATE = simple, ACCEPT = true);
CREATE COLLATION coll (locale = 'C');
CREATE FOREIGN DATA WRAPPER fdw; CREATE SERVER srv FOREIGN DATA WRAPPER fdw OPTIONS (host 'a');
CREATE USER MAPPING FOR PUBLIC SERVER srv OPTIONS (u 'b'); CREATE FOREIGN TABLE ft (a int) SERVER srv;
CREATE TABLE t (x int, y text); ALTER TABLE t ADD CONSTRAINT positive CHECK (x > 0) NOT VALID;
CREATE STATISTICS st ON x, y FROM t; CREATE INDEX ix ON t (x); CREATE SCHEMA other;
SELECT lo_from_bytea(4242, 'abc');
CREATE TYPE origin AS ENUM ('ad', 'friend'); CREATE PUBLICATION p FOR TABLE patients;
CREATE RULE r AS ON DELETE TO patients DO INSTEAD NOTHING; CREATE INDEX i ON patients ((id + 1));
CREATE UNIQUE INDEX j ON patients (id);
"""
# What is done, and what is told of it, or a part of it.
CASES = [
    ("ALTER TABLE patients DROP CONSTRAINT patients_tenant_id_dni_key",
     "desaparece la restricción patients.patients_tenant_id_dni_key: era UNIQUE (tenant_id, dni)"),
    ("ALTER TABLE patients ADD CONSTRAINT c CHECK (id > 0) NOT VALID", "aparece la restricción patients.c"),
    ("DROP INDEX idx_patients_status", "desaparece el índice idx_patients_status"),
    ("ALTER TABLE patients DISABLE TRIGGER ALL",
     "cambia la restricción patients.patients_tenant_id_fkey: era enforced OOOO, y es enforced DDOO"),
    ("ALTER TABLE patients ALTER status SET DEFAULT 'x'", "cambia la columna patients.status: era default"),
    ("ALTER TABLE patients ALTER created_at SET NOT NULL",
     "cambia la columna patients.created_at: era attnotnull False, y es attnotnull True"),
    ("ALTER TABLE patients ALTER email TYPE varchar(300)", "cambia la columna patients.email"),
    ("ALTER TABLE patients ALTER notes SET STORAGE external", "cambia la columna patients.notes: era attstorage x"),
    ("ALTER TABLE patients ALTER insurance_provider SET STATISTICS -1",
     "cambia la columna patients.insurance_provider"),
    ("DROP TRIGGER patients_touch ON patients", "desaparece el disparador patients.patients_touch"),
    ("ALTER TABLE patients DISABLE TRIGGER patients_touch", "cambia el disparador patients.patients_touch"),
    ("REVOKE SELECT ON patients FROM pg_monitor", "desaparece el permiso patients.pg_monitor: era SELECT"),
    ("GRANT SELECT (notes) ON patients TO PUBLIC", "aparece el permiso de la columna patients.notes"),
    ("ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO PUBLIC", "aparece el permiso por omisión"),
    ("ALTER TABLE patients DISABLE ROW LEVEL SECURITY", "cambia la tabla patients: era relrowsecurity True"),
    ("DROP POLICY patients_of_one_clinic ON patients", "desaparece la política de filas"),
    ("COMMENT ON COLUMN patients.dni IS NULL", "cambia la columna patients.dni: era comment"),
    ("SELECT setval('patients_id_seq', 1)", "cambia la secuencia patients_id_seq: era position"),
    ("ALTER SEQUENCE patients_id_seq OWNED BY NONE", "cambia la secuencia patients_id_seq"),
    ("CREATE TABLE patients_backup AS TABLE patients", "aparece la tabla patients_backup"),
    ("CREATE FUNCTION left_behind() RETURNS int LANGUAGE sql AS 'SELECT 1'", "aparece la función left_behind()"),
    ("CREATE TYPE left_behind AS ENUM ('a')", "aparece el tipo left_behind"),
    ("CREATE RULE new AS ON DELETE TO patients DO INSTEAD NOTHING", "aparece la regla patients.new"),
    ("ALTER TABLE patients SET (toast.autovacuum_enabled = false)", "cambia la tabla patients"),
    ("ALTER FUNCTION touch_updated_at() OWNER TO pg_monitor", "cambia la función touch_updated_at(): era owner"),
    ("ALTER TABLE patients REPLICA IDENTITY FULL", "cambia la tabla patients: era relreplident d"),
    ("ALTER TYPE origin RENAME VALUE 'ad' TO 'AD'", "cambia el tipo origin: era labels ['ad', 'friend']"),
    ("ALTER DOMAIN dom SET NOT NULL", "cambia el tipo dom"),
    ("ALTER PUBLICATION p SET (publish = 'insert')", "cambia la publicación p: era pubdelete True"),
    ("ALTER TABLE patients DISABLE RULE r", "cambia la regla patients.r: era ev_enabled O, y es ev_enabled D"),
    ("ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 7", "cambia el índice i: era statistics"),
    ("ALTER TABLE patients REPLICA IDENTITY USING INDEX j", "cambia el índice j: era indisreplident False"),
    ("CREATE TABLE other.t (x int)", "aparece la columna other.t.x: integer"),
]  # fmt: skip
# Of a rarer kind: that it is seen is enough.
CHANGES = """
REFRESH MATERIALIZED VIEW mv WITH NO DATA
REFRESH MATERIALIZED VIEW mv
ALTER TYPE comp RENAME ATTRIBUTE a TO c
ALTER TYPE comp ADD ATTRIBUTE c int
GRANT USAGE ON TYPE dom TO pg_monitor
CREATE OR REPLACE FUNCTION fn(a int DEFAULT 2) RETURNS int LANGUAGE sql AS 'SELECT 1'
ALTER FUNCTION fn COST 5
ALTER FUNCTION fn PARALLEL SAFE
DROP AGGREGATE agg (int); CREATE AGGREGATE agg (int) (sfunc = int4pl, stype = int4, initcond = '5')
DROP OPERATOR === (int, int)
DROP CAST (comp AS text)
DROP TEXT SEARCH CONFIGURATION tsc
ALTER TEXT SEARCH CONFIGURATION tsc DROP MAPPING FOR word
ALTER TEXT SEARCH DICTIONARY tsd (ACCEPT = false)
ALTER STATISTICS st SET STATISTICS 5
DROP COLLATION coll
ALTER SERVER srv OPTIONS (SET host 'b')
GRANT USAGE ON FOREIGN SERVER srv TO PUBLIC
DROP USER MAPPING FOR PUBLIC SERVER srv
ALTER USER MAPPING FOR PUBLIC SERVER srv OPTIONS (SET u 'c')
ALTER FOREIGN TABLE ft OPTIONS (ADD t 'x')
ALTER TABLE t VALIDATE CONSTRAINT positive
ALTER TABLE t ALTER y SET STORAGE PLAIN
ALTER TABLE t SET (toast.autovacuum_enabled = false)
SELECT lo_put(4242, 0, 'xyz')
GRANT SELECT ON LARGE OBJECT 4242 TO PUBLIC
COMMENT ON SCHEMA public IS 'x'
COMMENT ON FUNCTION fn IS 'x'
COMMENT ON INDEX ix IS 'x'
COMMENT ON DATABASE {database} IS 'x'
GRANT USAGE ON SCHEMA other TO PUBLIC
REVOKE CONNECT ON DATABASE {database} FROM PUBLIC
ALTER DATABASE {database} CONNECTION LIMIT 5
CREATE LANGUAGE plx HANDLER plpgsql_call_handler
REVOKE USAGE ON LANGUAGE plpgsql FROM PUBLIC
CREATE OPERATOR CLASS oc FOR TYPE int4 USING btree AS OPERATOR 1 <, FUNCTION 1 btint4cmp(int4, int4)
CREATE TRANSFORM FOR int LANGUAGE sql (FROM SQL WITH FUNCTION prsd_lextype(internal))
CREATE ACCESS METHOD am TYPE INDEX HANDLER bthandler
CREATE CONVERSION cv FOR 'UTF8' TO 'LATIN1' FROM utf8_to_iso8859_1
"""


@pytest.fixture(scope="module")
def made(pool: Pool, seeded: Database) -> Iterator[tuple[Database, Evidence]]:
    """The lived-in tables and one of everything else, and the evidence of it."""
    database = pool.clone(seeded, "structure")
    with database.connect() as connection:
        connection.exec_driver_sql(MADE)
    yield database, Evidence.take(database, database)
    pool.drop(database)


@pytest.fixture
def since_15(server: Server) -> None:
    if server.major < 15:
        pytest.skip("a publication of columns or rows came with Postgres 15")


def changed(pool: Pool, made: tuple[Database, Evidence], sql: str) -> list[str]:
    clone = pool.clone(made[0], "changed")
    try:
        with clone.connect() as connection:
            connection.exec_driver_sql(sql.replace("{database}", clone.name))
        found = [spanish.sentence(finding) for finding in made[1].changed_structure(clone)]
    finally:
        pool.drop(clone)
    assert not [line for line in found if clone.name in line]
    return found


def test_nothing_done_is_nothing_found(pool: Pool, made: tuple[Database, Evidence]) -> None:
    assert changed(pool, made, "CREATE TEMP TABLE gone (x int)") == []  # its schema stays


def test_a_rewritten_table_is_one_finding_with_its_indexes(pool: Pool, made: tuple[Database, Evidence]) -> None:
    assert changed(pool, made, "VACUUM FULL patients") == ["se reescribe la tabla patients"]


@pytest.mark.parametrize(("harm", "finding"), CASES)
def test_harm_is_named(pool: Pool, made: tuple[Database, Evidence], harm: str, finding: str) -> None:
    found = changed(pool, made, harm)
    assert any(line.startswith(finding) for line in found), found


@pytest.mark.parametrize("change", CHANGES.strip().splitlines())
def test_a_change_of_any_kind_is_seen(pool: Pool, made: tuple[Database, Evidence], change: str) -> None:
    assert changed(pool, made, change)


@pytest.mark.usefixtures("since_15")
@pytest.mark.parametrize(
    ("published", "then", "finding"),
    [
        ("(id, notes)", "(id, email)", "cambia la publicación de la tabla"),
        ("WHERE (id < 9)", "", "cambia la publicación q"),
    ],
)
def test_what_of_a_table_is_published_is_seen(
    published: str, then: str, finding: str, pool: Pool, database: Database
) -> None:
    with database.connect() as connection:
        connection.exec_driver_sql(f"CREATE PUBLICATION q FOR TABLE patients {published}")
    was = Evidence.take(database, database)
    assert any(
        line.startswith(finding)
        for line in changed(pool, (database, was), f"ALTER PUBLICATION q SET TABLE patients {then}")
    )


def test_a_rehearsal_beside_this_one_is_no_change(pool: Pool, made: tuple[Database, Evidence]) -> None:
    guest = f"{pool.prefix}guest"
    try:
        assert changed(pool, made, f"CREATE ROLE {guest}; ALTER ROLE {guest} SET log_statement = 'none'") == []
    finally:
        with made[0].connect() as connection:
            connection.exec_driver_sql(f"DROP ROLE {guest}")


def test_a_setting_a_role_keeps_in_every_database_is_seen(pool: Pool, made: tuple[Database, Evidence]) -> None:
    try:
        (line,) = changed(pool, made, "ALTER ROLE CURRENT_USER SET lock_timeout = '1s'")
    finally:
        with made[0].connect() as connection:
            connection.exec_driver_sql("ALTER ROLE CURRENT_USER RESET lock_timeout")
    assert line.startswith("aparece el ajuste permanente role ")
    assert line.endswith("in all databases: ['lock_timeout=1s']")
