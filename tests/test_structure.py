"""Whatever a script changes in how a database is made is seen, of whatever kind."""

from collections.abc import Iterator

import pytest

from steps.support import spanish
from steps.support.evidence.before_after import Evidence
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
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
"""
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
def made(server: Server) -> Iterator[tuple[Pool, Database, Evidence]]:
    """A database with one of everything, and the evidence of it."""
    pool = Pool(server)
    database = pool.create("structure")
    with database.connect() as connection:
        connection.exec_driver_sql(MADE)
    yield pool, database, Evidence.take(database, database)
    pool.drop_all(but=set())
    pool.close()


@pytest.mark.parametrize("change", CHANGES.strip().splitlines())
def test_a_change_of_any_kind_is_seen(change: str, made: tuple[Pool, Database, Evidence]) -> None:
    pool, database, evidence = made
    clone = pool.clone(database, "changed")
    assert evidence.changed_structure(clone) == []
    with clone.connect() as connection:
        connection.exec_driver_sql(change.replace("{database}", clone.name))
    found = evidence.changed_structure(clone)
    pool.drop(clone)
    assert found
    assert not [line for line in found if clone.name in spanish.sentence(line)]
