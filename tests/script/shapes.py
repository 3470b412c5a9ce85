"""Small tables of every shape, and what the five columns look like on them."""

from typing import Any

from steps.support.postgres.columns import read
from steps.support.postgres.database import Database
from steps.support.postgres.outcome import Outcome
from steps.support.product import META_ADS
from steps.support.subject import Column
from steps.support.waiting import wait_until

UP = META_ADS.script
DOWN = UP.with_name("01_meta_ads_columns_down.sql")
PLAIN = (
    "CREATE TABLE patients (id bigserial PRIMARY KEY, tenant_id int NOT NULL DEFAULT 1, full_name text)",
    "INSERT INTO patients (full_name) SELECT 'p' FROM generate_series(1, 100)",
)
PARTITIONED = (
    "CREATE TABLE patients (id bigint, tenant_id int NOT NULL, full_name text, PRIMARY KEY (tenant_id, id)) "
    "PARTITION BY LIST (tenant_id)",
    "CREATE TABLE p1 PARTITION OF patients FOR VALUES IN (1)",
    "CREATE TABLE p2 PARTITION OF patients FOR VALUES IN (2) PARTITION BY RANGE (id)",
    "CREATE TABLE p2a PARTITION OF p2 DEFAULT",
    "INSERT INTO patients SELECT i, 1 + i % 2, 'p' FROM generate_series(1, 100) i",
)
ALL_FIVE = (
    "ALTER TABLE patients ADD acquisition_source varchar DEFAULT 'ORGANIC', ADD meta_campaign_id varchar, "
    "ADD meta_ad_id varchar, ADD meta_ad_headline text, ADD meta_ad_body text"
)


def build(database: Database, *statements: str) -> Database:
    """Run each statement on its own."""
    with database.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
    return database


def rows(database: Database, query: str) -> list[Any]:
    with database.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query, execution_options={"no_parameters": True})]


def five(database: Database, table: str = "public.patients") -> dict[str, Column]:
    """Those of the five columns the table has."""
    return {name: column for name, column in read(database, table).items() if name in META_ADS.columns}


def refused(outcome: Outcome, sqlstate: str, said: str) -> None:
    """The script ended with that error, which says so, says that nothing was changed, and what to do."""
    assert outcome.sqlstate == sqlstate, outcome.error() or outcome.notices
    assert said in outcome.error()
    assert "\n" not in outcome.message
    assert "Nothing was changed" in outcome.detail
    assert outcome.hint


def wait_until_seen(database: Database, condition: str) -> None:
    """Return once a session of the database is as the condition says."""
    query = f"SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND {condition}"
    wait_until(lambda: bool(rows(database, query)), condition)
