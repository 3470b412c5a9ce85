"""A database elsewhere that cannot be read is refused in one line, without its password."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from steps.support.errors import SnapshotError
from steps.support.postgres.database import Database
from steps.support.postgres.server import Server, connect
from steps.support.product import PRODUCT
from steps.support.rehearsal import remote
from steps.support.rehearsal.snapshot import look_at
from tests.running import behave

PASSWORD = "s3cret-and-wrong"


@pytest.fixture
def reader(server: Server, source: Database) -> Iterator[Database]:
    """The product's database as a role sees it that must give a password, and may read nothing yet."""
    with connect(server.url) as connection:
        hba = Path(str(connection.exec_driver_sql("SHOW hba_file").scalar()))
        if not hba.is_file():
            pytest.skip("the server's pg_hba.conf is not here")
        connection.exec_driver_sql(f"CREATE ROLE meta_ads_reader LOGIN PASSWORD '{PASSWORD[:6]}'")
        was = hba.read_text()
        hba.write_text("local all meta_ads_reader scram-sha-256\nhost all meta_ads_reader all scram-sha-256\n" + was)
        connection.exec_driver_sql("SELECT pg_reload_conf()")
        yield Database(source.url.set(username="meta_ads_reader", password=PASSWORD[:6]))
        hba.write_text(was)
        connection.exec_driver_sql("SELECT pg_reload_conf()")
    with source.connect() as connection:
        connection.exec_driver_sql("DROP OWNED BY meta_ads_reader")
        connection.exec_driver_sql("DROP ROLE meta_ads_reader")


def test_a_password_it_refuses(reader: Database) -> None:
    for wrong in (
        reader.url.set(password=PASSWORD),
        reader.url.set(password=None, query={**reader.url.query, "password": PASSWORD}),
    ):
        address = wrong.set(drivername="postgresql").render_as_string(hide_password=False)
        done = behave("-D", "postgres=embedded", "-D", f"snapshot={address}")
        assert done.returncode == 1
        said = done.stdout.strip().splitlines()[-1]
        assert "does not let us in" in said
        assert "password authentication failed" in said
        assert PASSWORD not in done.stdout + done.stderr
        assert "Traceback" not in done.stdout + done.stderr


def test_a_role_that_may_not_read(reader: Database) -> None:
    with pytest.raises(SnapshotError, match="permission denied for table patients"):
        look_at(reader.url, PRODUCT)


def test_row_security_hides_rows_from_it(reader: Database, source: Database) -> None:
    with source.connect() as connection:
        connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO meta_ads_reader")
    with pytest.raises(SnapshotError, match=r"Row security hides patients of .* from meta_ads_reader"):
        look_at(reader.url, PRODUCT)


def test_a_pg_dump_that_is_too_old_or_absent(source: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    for version, said in (({"/usr/bin/pg_dump": 12}, "here is 12"), ({}, "there is none")):
        monkeypatch.setattr(remote, "clients", lambda _program, found=version: list(found))
        monkeypatch.setattr(remote, "_major_of", lambda program, found=version: found[program])
        with (
            pytest.raises(SnapshotError, match=rf"needs a pg_dump of 13 or newer, and {said}"),
            remote.dumped(source.url, 13),
        ):
            pass


def test_what_pg_dump_says_is_handed_on(source: Database) -> None:
    away = source.url.set(database="no_such_database")
    said = r'pg_dump cannot read .*database "no_such_database" does not exist'
    with pytest.raises(SnapshotError, match=said), remote.dumped(away, 13) as stream:
        stream.read()
