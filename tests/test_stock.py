"""The suite on a server as it comes: nothing set for it, and run by a role with no more rights than it needs."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest

from steps.support.postgres import embedded
from steps.support.postgres.server import Server, connect
from steps.support.tenant_isolation import ROLE
from tests.running import address, behave, databases

ISOLATION = ("-D", "subject=02_tenant_isolation", "features/2_repeticion.feature")


@pytest.fixture
def stock(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server without one setting of ours; the one --postgres names, where it does."""
    if pytestconfig.getoption("postgres"):
        yield request.getfixturevalue("server")
        return
    started = embedded.start(settings={})
    yield started
    started.stop()


@contextmanager
def plain(stock: Server, rights: str) -> Iterator[str]:
    """The server's address for a role with these rights."""
    with connect(stock.url) as connection:
        connection.exec_driver_sql(f"DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN PASSWORD 'x' {rights}")
        yield address(replace(stock, url=stock.url.set(username="plain", password="x")))
        connection.exec_driver_sql("DROP ROLE plain")


def roles(server: Server) -> list[str]:
    with connect(server.url) as connection:
        return sorted(connection.exec_driver_sql("SELECT pg_roles::text FROM pg_roles").scalars())


def test_the_suite_passes_on_it_and_leaves_nothing_there(stock: Server) -> None:
    for arguments, first in (((), "SELECT"), (ISOLATION, "SELECT"), (ISOLATION, f"CREATE ROLE {ROLE} NOINHERIT")):
        with connect(stock.url) as connection:
            connection.exec_driver_sql(first)
        before = databases(stock), roles(stock)
        run = behave(*arguments, "-D", f"postgres={address(stock)}", "-D", "patients=20")
        assert run.returncode == 0, run.stdout[-4000:]
        assert (databases(stock), roles(stock)) == before


def test_a_role_that_may_create_databases_runs_it(stock: Server) -> None:
    with plain(stock, "CREATEDB") as postgres:
        run = behave("-D", f"postgres={postgres}", "-D", "patients=20")
        assert run.returncode == 0, run.stdout[-4000:]
        assert "no alcanza para decir que cumple la especificación" in run.stdout
        run = behave("-D", f"postgres={postgres}", *ISOLATION)
        assert run.returncode == 1
        assert "no puede crear roles (le falta CREATEROLE)" in run.stdout


def test_one_that_may_create_roles_too_runs_what_needs_them(stock: Server) -> None:
    with plain(stock, "CREATEDB CREATEROLE") as postgres:
        run = behave("-D", f"postgres={postgres}", *ISOLATION)
        assert run.returncode == 0, run.stdout
