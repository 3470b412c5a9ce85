"""Whatever a session is set to and whatever things are called, the scripts do the same."""

from collections.abc import Iterator

import pytest

from steps.support.postgres.database import Database
from steps.support.postgres.psql import Run, run_file
from steps.support.postgres.server import Server, connect
from steps.support.product import META_ADS
from steps.support.traffic.blockers import KINDS, Blocker
from tests.live.shapes import PLAIN, build, five
from tests.live.soundness import DOWN, UP
from tests.live.test_odd_tables import wait_until_seen

SETTINGS = {
    "array_nulls": "off", "backslash_quote": "on", "bytea_output": "escape", "check_function_bodies": "off",
    "constraint_exclusion": "on", "cursor_tuple_fraction": "0", "DateStyle": "SQL,DMY",
    "default_transaction_deferrable": "on", "default_transaction_isolation": "serializable", "enable_indexscan": "off",
    "enable_nestloop": "off", "escape_string_warning": "on", "extra_float_digits": "-15", "from_collapse_limit": "1",
    "geqo_threshold": "2", "idle_in_transaction_session_timeout": "20", "IntervalStyle": "iso_8601",
    "jit_above_cost": "0", "join_collapse_limit": "1", "lock_timeout": "1", "plpgsql.extra_errors": "all",
    "plpgsql.variable_conflict": "use_column", "quote_all_identifiers": "on", "row_security": "off",
    "session_replication_role": "replica", "standard_conforming_strings": "off", "TimeZone": "Asia/Kathmandu",
    "track_activities": "off", "transform_null_equals": "on", "vacuum_cost_delay": "10", "work_mem": "64kB",
}  # fmt: skip
ODD = 'r%s\' "x" $$ ñ'  # a role's and a schema's name
QUOTED = '"' + ODD.replace('"', '""') + '"'


@pytest.fixture
def odd_role(server: Server, empty_database: Database) -> Iterator[Database]:
    """A database whose table of patients belongs to a role of an odd name, without grants, in a schema of that name."""
    with connect(server.url) as connection:
        connection.exec_driver_sql(f"CREATE ROLE {QUOTED}", execution_options={"no_parameters": True})
    try:
        yield build(
            empty_database,
            f"CREATE SCHEMA {QUOTED} AUTHORIZATION {QUOTED}",
            f"CREATE TABLE {QUOTED}.patients (id int)",
            f"ALTER TABLE {QUOTED}.patients OWNER TO {QUOTED}",
            f"REVOKE ALL ON {QUOTED}.patients FROM {QUOTED}",
        )
    finally:
        build(empty_database, f"DROP OWNED BY {QUOTED}")
        with connect(server.url) as connection:
            connection.exec_driver_sql(f"DROP ROLE {QUOTED}", execution_options={"no_parameters": True})


def test_no_setting_of_a_session_matters(empty_database: Database) -> None:
    build(empty_database, *PLAIN, "ALTER TABLE patients ADD meta_ad_id text")
    for script, said in [
        (UP, "added"),
        (UP, "nothing to do"),
        (DOWN, "dropped"),
        (DOWN, "nothing to do"),
        (UP, "added"),
    ]:
        outcome = run_file(empty_database, script, SETTINGS)
        assert outcome.succeeded, outcome.error()
        assert said in outcome.notices[-1]
    assert five(empty_database) == META_ADS.columns


def test_ages_are_told_apart_however_numbers_are_written(empty_database: Database) -> None:
    build(empty_database, *PLAIN)
    settings = {"extra_float_digits": "-15", "migration.deadline": "1s"}
    first, second = (Blocker(empty_database, META_ADS, KINDS["una sesión olvidada"]) for _ in range(2))
    with first:
        run = Run(empty_database, UP, settings)
        wait_until_seen(empty_database, "application_name = 'migration' AND wait_event = 'PgSleep'")
        with second:
            first.leave()
            outcome = run.outcome()
    assert "idle in transaction, pid" in outcome.detail


def test_no_name_of_a_role_or_a_schema_matters(odd_role: Database) -> None:
    for script, said in [(UP, "added"), (UP, "nothing to do"), (DOWN, "dropped"), (UP, "added")]:
        outcome = run_file(odd_role, script, {"role": ODD, "search_path": QUOTED, "migration.drop_attribution": "yes"})
        assert outcome.succeeded, outcome.error()
        assert said in outcome.notices[-1]
        assert QUOTED in outcome.notices[-1]
    assert five(odd_role, f"{QUOTED}.patients") == META_ADS.columns
