"""The suite on a server as it comes: nothing set for it, and run by somebody else."""

import re
import shlex
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL
from sqlalchemy.exc import OperationalError

from steps.support.postgres import embedded, engine
from steps.support.postgres.server import Server, connect
from steps.support.waiting import wait_until
from tests.running import address, behave, databases
from tests.test_ci_files import RECIPES

LAST_FIRST = sorted(map(str, Path("features").glob("*.feature")), reverse=True)
UNHURRIED = [feature for feature in LAST_FIRST if "trafico" not in feature]
LACKING = "max_prepared_transactions = 0"
STARTING_SECONDS = 60


@pytest.fixture
def stock(pytestconfig: pytest.Config, request: pytest.FixtureRequest) -> Iterator[Server]:
    """A server without one setting of ours; the one --postgres names, where it does."""
    if pytestconfig.getoption("postgres"):
        yield request.getfixturevalue("server")
        return
    started = embedded.start(settings={})
    yield started
    started.stop()


def test_the_suite_passes_on_it_in_any_order_and_leaves_nothing_there(stock: Server) -> None:
    with connect(stock.url) as connection:
        lacking = connection.exec_driver_sql("SHOW max_prepared_transactions").scalar() == "0"
    before = databases(stock), roles(stock)
    run = behave(*LAST_FIRST, "-D", f"postgres={address(stock)}", "-D", "patients=20")
    assert run.returncode == 0, run.stdout[-4000:]
    assert (LACKING in run.stdout) == lacking
    assert (databases(stock), roles(stock)) == before


@pytest.mark.parametrize("rights", ["CREATEDB", "CREATEDB CREATEROLE"])
def test_whoever_may_create_databases_runs_it(rights: str, stock: Server) -> None:
    with connect(stock.url) as connection:
        connection.exec_driver_sql(f"DROP ROLE IF EXISTS plain; CREATE ROLE plain LOGIN PASSWORD 'x' {rights}")
    plain = replace(stock, url=stock.url.set(username="plain", password="x"))
    try:
        run = behave(*UNHURRIED, "-D", f"postgres={address(plain)}", "-D", "patients=20")
        assert run.returncode == 0, run.stdout[-4000:]
        assert ("no puede crear roles (le falta CREATEROLE)" in run.stdout) == ("CREATEROLE" not in rights)
        assert ("  ✓ Aislamiento: " in run.stdout) == ("CREATEROLE" in rights)
        assert "  ✓ Meta Ads: la segunda vez no cambia nada" in run.stdout
        other = "-Dmigration=02_tenant_isolation.sql=tests/gate/correct/02_tenant_isolation/plain.sql"
        if "CREATEROLE" not in rights:
            run = behave("-D", f"postgres={address(plain)}", other, "features/repeticion.feature")
            assert run.returncode == 1
            assert run.stdout.endswith("Not judged: 02_tenant_isolation.sql, which -D migration replaces. "
                                       "Every scenario about it was skipped.\n")  # fmt: skip
    finally:
        with connect(stock.url) as connection:
            connection.exec_driver_sql("DROP ROLE plain")


def roles(server: Server) -> list[str]:
    with connect(server.url) as connection:
        return sorted(connection.exec_driver_sql("SELECT rolname FROM pg_roles").scalars())


@pytest.fixture
def service() -> Iterator[tuple[str, int]]:
    """The container GitLab would start for the recipe, by its image and variables alone; yields how to reach it."""
    if problem := engine.problem():
        pytest.skip(problem)
    import docker

    image = re.search(r'name: "(.*?)"', RECIPES[1])
    assert image
    (written,) = re.findall(r"variables: {(.*?)}", RECIPES[1])
    variables = dict(re.findall(r"(\w+): ([\w-]+)", written))
    anywhere: Any = ("127.0.0.1", None)  # a port of the engine's choice
    with closing(docker.from_env()) as client:
        container = client.containers.run(image[1], environment=variables, ports={"5432/tcp": anywhere}, detach=True)
        try:
            container.reload()
            published = container.ports["5432/tcp"]
            assert published
            port = int(published[0]["HostPort"])
            url = URL.create("postgresql+psycopg2", "postgres", variables["POSTGRES_PASSWORD"], "127.0.0.1", port)
            wait_until(lambda: answers(url), "the container's server", STARTING_SECONDS)
            yield "127.0.0.1", port
        finally:
            container.remove(force=True, v=True)


def answers(url: URL) -> bool:
    try:
        connect(url.set(database="postgres")).close()
    except OperationalError:
        return False
    return True


@pytest.mark.alone  # its disk is a real one, and nobody's to share
def test_the_recipe_runs_on_a_container_as_gitlab_starts_it(service: tuple[str, int], tmp_path: Path) -> None:
    host, port = service
    given = re.search(r'make acceptance ARGS="(.*?)"', RECIPES[1])
    assert given
    # Here the service has no name of its own, and what is kept goes elsewhere.
    arguments = given[1].replace("@db/", f"@{host}:{port}/").replace("build/junit", str(tmp_path))
    run = behave(*shlex.split(arguments))
    assert run.returncode == 0, run.stdout[-4000:]
    assert LACKING in run.stdout
    assert list(tmp_path.glob("*.xml"))
