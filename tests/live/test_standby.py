"""On a hot standby the script says so, and once the primary has migrated it has nothing to do there either."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from steps.support.postgres import embedded
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from steps.support.postgres.psql import run_file
from steps.support.postgres.server import Server, connect
from steps.support.product import META_ADS
from steps.support.waiting import wait_until
from tests.live.shapes import PLAIN, build, five
from tests.live.test_odd_tables import refused


@pytest.fixture
def primary() -> Iterator[Server]:
    started = embedded.start()
    yield started
    started.stop()


@pytest.fixture
def standby_of(primary: Server) -> Iterator[Path]:
    """The directory (also the socket's) of a hot standby of the primary."""
    source = Path(str(primary.url.query["host"]))
    data = source / "standby"  # goes with the primary's folder
    with connect(primary.url) as connection:  # the programs its owner may run, wherever they are
        programs = Path(connection.exec_driver_sql("SELECT setting FROM pg_config WHERE name = 'BINDIR'").scalar_one())
    data.mkdir(mode=0o700)
    if owner := embedded.owner():
        os.chown(data, *owner)
    whence = f"host={source} user=postgres dbname=postgres"
    embedded.run(programs / "pg_basebackup", "-R", "-c", "fast", "-d", whence, "-D", data)
    control = (programs / "pg_ctl", "-w", "-D", data)
    embedded.run(*control, "-l", data / "log", "-o", f"-h '' -k {data}", "start")
    yield data
    embedded.run(*control, "-m", "immediate", "stop")


def test_a_standby_is_told_and_later_has_nothing_to_do(primary: Server, standby_of: Path) -> None:
    database = build(Pool(primary).create("followed"), *PLAIN)
    copy = Database(make_url(f"postgresql+psycopg2://postgres@/{database.name}?host={standby_of}"))
    wait_until(lambda: _has_table(copy), "the table on the standby")
    before = run_file(copy, META_ADS.script.with_name("01_meta_ads_columns_before.sql"))
    assert before.succeeded, before.error()
    assert before.notices
    refused(run_file(copy, META_ADS.script), "25006", "standby")

    assert run_file(database, META_ADS.script).succeeded
    wait_until(lambda: five(copy) == META_ADS.columns, "the columns on the standby")
    again = run_file(copy, META_ADS.script)
    assert again.succeeded, again.error()
    assert "nothing to do" in again.notices[-1]


def _has_table(database: Database) -> bool:
    try:
        with database.connect() as connection:
            return bool(connection.exec_driver_sql("SELECT count(*) = 100 FROM patients").scalar())
    except Exception:
        return False
