"""What hangs on the table and does not follow is said before, each thing with statements that do what they say."""

import re
from collections.abc import Iterator
from contextlib import closing

import psycopg2
import pytest
from psycopg2.extras import PhysicalReplicationConnection

from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from steps.support.postgres.psql import run_file
from steps.support.postgres.server import Server, connect
from steps.support.product import META_ADS
from steps.support.traffic.blockers import KINDS, Blocker
from steps.support.waiting import wait_until
from tests.live.replication import Replication
from tests.live.shapes import ALL_FIVE, PARTITIONED, PLAIN, build, five, rows

BEFORE = META_ADS.script.with_name("01_meta_ads_columns_before.sql")
ADDED = ", ".join(META_ADS.columns)
ALWAYS = "after: what services prepared before with *"
ROLE = "meta_ads_reports"


def said(database: Database, **settings: str) -> list[str]:
    """What it says of public.patients, but for what it says wherever a column is missing."""
    outcome = run_file(database, BEFORE, settings)
    assert outcome.succeeded, outcome.error()
    lines = [notice.removeprefix("public.patients: ") for notice in outcome.notices]
    assert not lines or lines[-1].startswith(ALWAYS)
    return lines[:-1]


def statements(line: str, begin: str) -> str:
    """The statements a line tells to run, from the word they begin with on."""
    return line[line.index(begin) :]


@pytest.fixture
def reports(server: Server, empty_database: Database) -> Iterator[str]:
    with connect(server.url) as connection:
        connection.exec_driver_sql(f"CREATE ROLE {ROLE}")
    yield ROLE
    build(empty_database, f"DROP OWNED BY {ROLE}")
    with connect(server.url) as connection:
        connection.exec_driver_sql(f"DROP ROLE {ROLE}")


@pytest.mark.parametrize("shape", [PLAIN, PARTITIONED], ids=["plain", "partitioned"])
def test_of_a_table_nothing_hangs_on_it_says_only_what_prepared_statements_feel(
    shape: tuple[str, ...], empty_database: Database
) -> None:
    build(empty_database, *shape)
    assert said(empty_database) == []
    assert five(empty_database) == {}


def test_once_migrated_it_has_nothing_to_say(empty_database: Database) -> None:
    build(empty_database, *PLAIN, ALL_FIVE, "CREATE PUBLICATION p FOR ALL TABLES")
    assert run_file(empty_database, BEFORE).notices == []


@pytest.mark.parametrize("published", ["ALL TABLES", "TABLE patients", "TABLES IN SCHEMA public"])
def test_subscribers_go_first(published: str, server: Server, empty_database: Database) -> None:
    if "SCHEMA" in published and server.major < 15:
        pytest.skip(f"Postgres {server.major} publishes no schemas")
    build(empty_database, *PLAIN, "CREATE TABLE other (id int)", "CREATE PUBLICATION of_others FOR TABLE other")
    build(empty_database, f'CREATE PUBLICATION "Of It" FOR {published}')
    (line,) = said(empty_database)
    assert line.startswith('before: publication "Of It" sends whole rows')
    assert META_ADS.script.name in line


def test_the_statements_for_a_publication_by_list_add_the_columns(server: Server, empty_database: Database) -> None:
    if server.major < 15:
        pytest.skip(f"Postgres {server.major} publishes whole tables alone")
    build(empty_database, *PLAIN, 'CREATE PUBLICATION "By List" FOR TABLE patients (id, full_name)')
    (line,) = said(empty_database)
    assert run_file(empty_database, META_ADS.script).succeeded
    build(empty_database, statements(line, "BEGIN;"))
    assert rows(empty_database, "SELECT attnames::text FROM pg_publication_tables") == [
        ("{" + f"id, full_name, {ADDED}".replace(" ", "") + "}",)
    ]


def test_a_filter_is_left_to_the_reader(server: Server, empty_database: Database) -> None:
    if server.major < 15:
        pytest.skip(f"Postgres {server.major} filters no rows")
    build(empty_database, *PLAIN, "CREATE PUBLICATION by_list FOR TABLE patients (id, full_name) WHERE (id > 1)")
    (line,) = said(empty_database)
    assert ") WHERE (…, the one it has); COMMIT" in line


def test_the_grant_it_tells_lets_them_read(reports: str, empty_database: Database) -> None:
    build(
        empty_database, *PLAIN, f"GRANT SELECT (id) ON patients TO {reports}", f"GRANT UPDATE ON patients TO {reports}"
    )
    build(empty_database, f"GRANT UPDATE (id) ON patients TO {reports}, PUBLIC")
    lines = sorted(said(empty_database))
    assert [re.search(r"after: (\w+ may \w+)", line)[1] for line in lines] == [  # type: ignore[index]
        "PUBLIC may UPDATE",
        f"{reports} may SELECT",
    ]
    assert run_file(empty_database, META_ADS.script).succeeded
    build(empty_database, *(statements(line, "GRANT ") for line in lines))
    allowed = f"has_column_privilege('{reports}', 'patients', column_name, 'SELECT')"
    columns = "FROM information_schema.columns WHERE table_name = 'patients'"
    assert rows(empty_database, f"SELECT column_name {columns} AND NOT {allowed}") == [("tenant_id",), ("full_name",)]


def test_columns_that_may_hold_the_same_are_named(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    build(empty_database, "ALTER TABLE patients ADD first_touch_source text, ADD utm_campaign varchar(90)")
    build(empty_database, "ALTER TABLE patients ADD ad_id bigint, ADD road_id text, ADD meta_ad_id text")
    lines = said(empty_database)
    assert [line.split()[1] for line in lines] == ["first_touch_source", "utm_campaign"]
    look = statements(lines[1], "SELECT ").split(". ")[0]
    assert rows(empty_database, look) == [(None, len(rows(empty_database, "SELECT FROM patients")))]


def test_what_reads_a_column_of_another_type_is_named(empty_database: Database) -> None:
    build(empty_database, *PLAIN, ALL_FIVE, "ALTER TABLE patients ALTER meta_ad_id TYPE text")
    (line,) = run_file(empty_database, BEFORE).notices
    assert "with *, or to read meta_ad_id ends with 0A000" in line


def test_a_hot_standby_is_counted(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    dsn = empty_database.driver_dsn()
    with closing(psycopg2.connect(dsn, connection_factory=PhysicalReplicationConnection)) as standby:
        standby.cursor().start_replication(start_lsn=_lsn(empty_database))  # type: ignore[arg-type]
        wait_until(lambda: bool(said(empty_database)), "the standby to be seen")
        (line,) = said(empty_database)
        assert line.startswith("while it runs: 1 hot standby(s) replay the lock")
    wait_until(lambda: said(empty_database) == [], "the standby to be gone")


def test_a_subscriber_is_no_hot_standby(pool: Pool, seeded: Database, database: Database) -> None:
    subscriber = pool.clone(seeded, "subscriber")
    with closing(Replication(database, subscriber, META_ADS.table)):
        wait_until(lambda: bool(rows(database, "SELECT FROM pg_stat_replication")), "the subscriber")
        lines = said(database)
    pool.drop(subscriber)
    assert [line.split()[0] for line in lines] == [
        "before:",
        "after:",
    ]  # the publication; what the seeds grant by column


def test_it_waits_for_nobody(empty_database: Database) -> None:
    build(empty_database, *PLAIN, "CREATE PUBLICATION p FOR TABLE patients")
    with Blocker(empty_database, META_ADS, KINDS["un mantenimiento que bloquea la tabla entera"]):
        assert len(said(empty_database, lock_timeout="1ms")) == 1


def test_names_of_the_caller_are_not_used(empty_database: Database) -> None:
    fooled = "LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''fooled''; END'"
    build(empty_database, *PLAIN, "CREATE SCHEMA evil", "CREATE PUBLICATION p FOR TABLE patients")
    build(empty_database, f"CREATE FUNCTION evil.quote_ident(text) RETURNS text {fooled}")
    build(empty_database, f"CREATE FUNCTION evil.check(text) RETURNS boolean {fooled}")
    build(empty_database, "CREATE DOMAIN evil.text AS pg_catalog.text CHECK (evil.check(VALUE))")
    assert len(said(empty_database, search_path="evil,public,pg_catalog")) == 1


def _lsn(database: Database) -> str:
    return str(rows(database, "SELECT pg_current_wal_lsn()")[0][0])
