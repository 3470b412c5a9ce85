"""What hangs on the table and does not follow is a row each, with what to do."""

from collections.abc import Iterator

import pytest

from steps.support.postgres.database import Database
from steps.support.postgres.psql import run_file
from steps.support.postgres.server import Server, connect
from tests.script.shapes import ALL_FIVE, PARTITIONED, PLAIN, UP, build, rows

LOOK = UP.with_name("01_meta_ads_columns_look.sql")
ROLE = "meta_ads_reports"
LIST = "CREATE PUBLICATION p FOR TABLE patients (id, full_name)"


def looked(database: Database) -> list[tuple[str, str, str]]:
    found: list[tuple[str, str, str]] = rows(database, "SET search_path = ''; " + LOOK.read_text(encoding="utf-8"))
    return found


@pytest.fixture
def reports(server: Server, empty_database: Database) -> Iterator[str]:
    with connect(server.url) as connection:
        connection.exec_driver_sql(f"CREATE ROLE {ROLE}")
    yield ROLE
    build(empty_database, f"DROP OWNED BY {ROLE}")
    with connect(server.url) as connection:
        connection.exec_driver_sql(f"DROP ROLE {ROLE}")


@pytest.mark.parametrize("setup", [PLAIN, PARTITIONED, (*PLAIN, ALL_FIVE, "CREATE PUBLICATION p FOR ALL TABLES"), ()])
def test_where_nothing_hangs_on_it_or_all_is_done_there_is_no_row(
    setup: tuple[str, ...], empty_database: Database
) -> None:
    build(empty_database, *setup)
    assert looked(empty_database) == []


@pytest.mark.parametrize("published", ["ALL TABLES", "TABLE patients", "TABLES IN SCHEMA public"])
def test_subscribers_of_whole_rows_go_first(published: str, server: Server, empty_database: Database) -> None:
    if "SCHEMA" in published and server.major < 15:
        pytest.skip(f"Postgres {server.major} publishes no schemas")
    build(empty_database, *PLAIN, "CREATE TABLE other (id int)", "CREATE PUBLICATION of_others FOR TABLE other")
    build(empty_database, f'CREATE PUBLICATION "Of It" FOR {published}')
    ((when, what, say),) = looked(empty_database)
    assert (when, what) == ("before", 'publication "Of It"')
    assert "subscribers first" in say


def test_a_publication_by_list_is_told_as_such(server: Server, empty_database: Database) -> None:
    if server.major < 15:
        pytest.skip(f"Postgres {server.major} publishes whole tables alone")
    build(empty_database, *PLAIN, LIST)
    ((when, what, say),) = looked(empty_database)
    assert (when, what) == ("after", "publication p")
    assert "docs/dba.md" in say


def test_a_grant_by_column_comes_with_the_statement_that_extends_it(reports: str, empty_database: Database) -> None:
    build(empty_database, *PLAIN, f"GRANT SELECT (id, full_name) ON patients TO {reports}")
    ((when, what, say),) = looked(empty_database)
    assert (when, what) == ("after", f"role {reports}")
    assert run_file(empty_database, UP).succeeded
    build(empty_database, say.partition("To allow it: ")[2])
    assert rows(empty_database, f"SELECT has_column_privilege('{reports}', 'patients', 'meta_ad_body', 'SELECT')") == [
        (True,)
    ]


@pytest.mark.parametrize("name", ["first_touch_source", "utm_campaign", "ad_id", "campaign_id", '"acquisitionSource"'])
def test_a_column_that_may_hold_the_same_is_named(name: str, empty_database: Database) -> None:
    build(
        empty_database, *PLAIN, f"ALTER TABLE patients ADD {name} text", "ALTER TABLE patients ADD admission_date date"
    )
    ((when, what, _),) = looked(empty_database)
    assert (when, what) == ("before", f"column {name}")
