import subprocess

import pytest

from steps.support.postgres.columns import read
from steps.support.postgres.database import Database
from steps.support.product import META_ADS
from tests.running import alembic

SECRET = "s3cret"
OURS = "meta_ads_alembic_version"


def dsn(database: Database) -> str:
    return database.url.set(drivername="postgresql").render_as_string(hide_password=False)


def said_by(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join((done.stdout + done.stderr).split())


def stamp(database: Database, table: str, revision: str) -> None:
    with database.connect() as connection:
        connection.exec_driver_sql(f"CREATE TABLE {table} (version_num varchar(32) NOT NULL)")
        connection.exec_driver_sql(f"INSERT INTO {table} VALUES ('{revision}')")


def rename_to_former(database: Database) -> None:
    """The database as this project stamped it before it had a table of its own."""
    with database.connect() as connection:
        connection.exec_driver_sql(f"ALTER TABLE {OURS} RENAME CONSTRAINT {OURS}_pkc TO alembic_version_pkc")
        connection.exec_driver_sql(f"ALTER TABLE {OURS} RENAME TO alembic_version")


def versions(database: Database, table: str) -> list[str]:
    with database.connect() as connection:
        return list(connection.exec_driver_sql(f"SELECT version_num FROM {table}").scalars())


def test_an_empty_database_a_lived_in_one_and_a_migrated_one(database: Database, empty_database: Database) -> None:
    for target in (empty_database, database, database):
        done = alembic("upgrade", "head", POSTGRES_DSN=dsn(target))
        assert done.returncode == 0, done.stdout + done.stderr
        assert {name: read(target, META_ADS.relation)[name] for name in META_ADS.columns} == META_ADS.columns
        with target.connect() as connection:
            assert connection.exec_driver_sql(f"SELECT version_num FROM {OURS}").scalar_one() == "0002"


def test_what_hangs_on_the_table_is_said_first(database: Database) -> None:
    with database.connect() as connection:
        connection.exec_driver_sql("CREATE PUBLICATION of_patients FOR TABLE patients")
    said = said_by(alembic("upgrade", "head", POSTGRES_DSN=dsn(database)))
    assert said.index("before: publication of_patients sends whole rows") < said.index("added acquisition_source")


def test_check_finds_no_drift_and_minds_its_own_tables(database: Database) -> None:
    alembic("upgrade", "head", POSTGRES_DSN=dsn(database))
    with database.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE of_somebody_else (x int)")
    done = alembic("check", POSTGRES_DSN=dsn(database))
    assert done.returncode == 0, done.stdout + done.stderr
    with database.connect() as connection:
        connection.exec_driver_sql("ALTER TABLE patients ALTER acquisition_source DROP DEFAULT")
    assert alembic("check", POSTGRES_DSN=dsn(database)).returncode != 0


def test_offline_it_prints_what_psql_would_run(empty_database: Database) -> None:
    done = alembic("upgrade", "head", "--sql")
    assert done.returncode == 0, done.stderr
    assert META_ADS.script.read_text(encoding="utf-8").strip() in done.stdout
    with empty_database.connect() as connection:
        connection.exec_driver_sql(done.stdout, execution_options={"no_parameters": True})
    assert {name: read(empty_database, META_ADS.relation)[name] for name in META_ADS.columns} == META_ADS.columns


def test_a_revision_of_a_newer_version_is_one_line_and_nothing_is_touched(database: Database) -> None:
    stamp(database, OURS, "feedbeef")
    done = alembic("upgrade", "head", POSTGRES_DSN=dsn(database))
    assert done.returncode != 0
    assert "is at revision feedbeef, which this version of the project does not have" in said_by(done)
    assert "Traceback" not in done.stderr
    assert not set(META_ADS.columns) & set(read(database, META_ADS.relation))


@pytest.mark.parametrize("former", ["0001", "0002"])
def test_what_was_stamped_before_we_had_a_table_is_only_looked_at_again(former: str, database: Database) -> None:
    alembic("upgrade", former, POSTGRES_DSN=dsn(database))
    rename_to_former(database)
    done = alembic("upgrade", "head", POSTGRES_DSN=dsn(database))
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("nothing to do" in said_by(done)) == (former == "0002")
    assert (versions(database, OURS), versions(database, "alembic_version")) == (["0002"], [former])
    assert {name: read(database, META_ADS.relation)[name] for name in META_ADS.columns} == META_ADS.columns


def test_a_number_of_another_project_is_not_taken_for_ours(database: Database) -> None:
    stamp(database, "alembic_version", "0002")
    assert alembic("upgrade", "head", POSTGRES_DSN=dsn(database)).returncode == 0
    assert versions(database, "alembic_version") == ["0002"]
    assert {name: read(database, META_ADS.relation)[name] for name in META_ADS.columns} == META_ADS.columns


@pytest.mark.parametrize("target", ["0001", "base"])
def test_a_downgrade_goes_on_from_what_was_stamped_before_we_had_a_table(target: str, database: Database) -> None:
    alembic("upgrade", "head", POSTGRES_DSN=dsn(database))
    rename_to_former(database)
    with database.connect() as connection:
        connection.exec_driver_sql("UPDATE patients SET meta_ad_id = '1' WHERE id = 1")
    refused = alembic("downgrade", target, POSTGRES_DSN=dsn(database))
    assert "attribution in 1 row" in said_by(refused)
    with database.connect() as connection:
        connection.exec_driver_sql("UPDATE patients SET meta_ad_id = NULL WHERE id = 1")
    for _ in range(2):
        done = alembic("downgrade", target, POSTGRES_DSN=dsn(database))
        assert done.returncode == 0, done.stdout + done.stderr
        assert versions(database, OURS) == ([] if target == "base" else ["0001"])
    assert versions(database, "alembic_version") == ["0002"]
    assert not set(META_ADS.columns) & set(read(database, META_ADS.relation))


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "neither POSTGRES_DSN nor DATABASE_URL"),
        (
            {"POSTGRES_DSN": f"postgres://a:{SECRET}@h/one", "DATABASE_URL": f"postgres://a:{SECRET}@h/two"},
            "Two different",
        ),
        ({"POSTGRES_DSN": f"postgres://a:{SECRET}@127.0.0.1:1/d"}, "Connection refused"),
    ],
)
def test_a_wrong_address_is_one_clear_error(environ: dict[str, str], said: str) -> None:
    done = alembic("upgrade", "head", **environ)
    assert done.returncode != 0
    output = done.stdout + done.stderr
    assert said in " ".join(output.split())
    assert "Traceback" not in output
    assert SECRET not in output


def test_an_unknown_x_argument_is_refused_with_the_list(database: Database) -> None:
    done = alembic("-x", "dedline=1s", "upgrade", "head", POSTGRES_DSN=dsn(database))
    assert done.returncode != 0
    assert "Unknown -x dedline" in done.stdout + done.stderr
    assert "-x max_stall" in done.stdout + done.stderr


def test_downgrade_asks_before_it_loses_attribution(database: Database) -> None:
    alembic("upgrade", "head", POSTGRES_DSN=dsn(database))
    with database.connect() as connection:
        connection.exec_driver_sql("UPDATE patients SET meta_ad_id = '1' WHERE id IN (1, 2)")
    refused = alembic("downgrade", "0001", POSTGRES_DSN=dsn(database))
    assert refused.returncode != 0
    assert "attribution in 2 rows" in refused.stdout + refused.stderr
    assert "Traceback" not in refused.stdout + refused.stderr
    forced = alembic("-x", "drop_attribution=yes", "downgrade", "0001", POSTGRES_DSN=dsn(database))
    assert forced.returncode == 0, forced.stdout + forced.stderr
    assert not set(META_ADS.columns) & set(read(database, META_ADS.relation))


def test_a_scripts_budget_is_read_from_x(database: Database) -> None:
    done = alembic("-x", "deadline=never", "upgrade", "head", POSTGRES_DSN=dsn(database))
    assert done.returncode != 0
    assert "never" in done.stdout + done.stderr
