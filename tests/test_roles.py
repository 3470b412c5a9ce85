"""Roles are the server's: a run gives each back as it found it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Connection

from steps.support.postgres import roles
from steps.support.postgres.database import Database
from steps.support.postgres.server import Server, connect

NAME = "acceptance_given_back"
CHANGES = (
    f"ALTER ROLE {NAME} LOGIN BYPASSRLS; GRANT pg_monitor TO {NAME}; ALTER ROLE {NAME} RESET ALL; "
    f"ALTER ROLE {NAME} SET statement_timeout = '30s'"
)


@pytest.fixture
def admin(server: Server) -> Iterator[Connection]:
    with connect(server.url) as connection:
        yield connection
        connection.exec_driver_sql(f"DROP ROLE IF EXISTS {NAME}")


def as_it_is(admin: Connection) -> list[object]:
    return [tuple(row) for row in admin.execute(roles.AS_THEY_ARE, {"names": [NAME]})]


def test_one_that_was_there_is_as_it_was(server: Server, admin: Connection) -> None:
    admin.exec_driver_sql(f"CREATE ROLE {NAME} NOINHERIT")
    admin.exec_driver_sql(f"""ALTER ROLE {NAME} SET search_path = "$user", "a, b", public""")
    admin.exec_driver_sql(f"ALTER ROLE {NAME} SET app.of_its_own = 'it''s'")
    before = as_it_is(admin)
    restore = roles.remembered(server, [NAME])
    admin.exec_driver_sql(CHANGES)
    assert as_it_is(admin) != before
    restore()
    assert as_it_is(admin) == before


def test_one_that_was_not_goes(server: Server, admin: Connection) -> None:
    restore = roles.remembered(server, [NAME])
    admin.exec_driver_sql(f"CREATE ROLE {NAME}; {CHANGES}")
    restore()
    assert as_it_is(admin) == []


def test_one_that_cannot_go_yet_is_left_as_it_is_made(server: Server, admin: Connection, database: Database) -> None:
    restore = roles.remembered(server, [NAME])
    admin.exec_driver_sql(f"CREATE ROLE {NAME}; {CHANGES}")
    with database.connect() as connection:
        connection.exec_driver_sql(f"GRANT SELECT ON patients TO {NAME}")
    restore()
    assert as_it_is(admin) == [(NAME, *roles.AS_MADE)]
    with database.connect() as connection:
        connection.exec_driver_sql(f"DROP OWNED BY {NAME}")
