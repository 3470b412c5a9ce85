"""The gate's own teeth: it refuses a bad script, a wrong option, a missing server, and a run of nothing."""

import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from steps.support.databases.pool import Pool
from steps.support.options import ROOT
from steps.support.servers.server import DATABASES, Server, connect
from tests.running import address, behave


def failing(output: str) -> list[str]:
    """The titles behave lists as failed or in error."""
    block = re.search(r"^(?:Failing|Errored) scenarios:\n(.*?)\n\n", output, re.M | re.S)
    return re.findall(r"^  features/\S+:\d+  (.*?)\s*$", block[1], re.M) if block else []


def databases(server: Server) -> list[str]:
    with connect(server.url) as connection:
        return sorted(connection.exec_driver_sql(DATABASES).scalars())


def test_a_refusal_reads_the_same_from_the_command_line(server: Server) -> None:
    script = ROOT / "tests" / "defects" / "appends_a_dot_to_one_note.sql"
    run = behave("-D", f"postgres={address(server)}", "-D", f"migration={script}", "features/datos_existentes.feature")
    assert run.returncode == 1
    assert failing(run.stdout) == ["Ningún dato de ninguna clínica cambia"]
    assert "patients: cambiaron 1 filas: id " in run.stdout
    assert "Traceback" not in run.stdout


def test_the_script_as_shipped_passes_and_nothing_is_left_on_the_server(server: Server, pool: Pool) -> None:
    assert pool
    before = databases(server)
    run = behave("-D", f"postgres={address(server)}", "-D", "patients=20")
    assert run.returncode == 0, run.stdout[-4000:]
    assert databases(server) == before


def test_scenarios_pass_alone_and_in_any_order(server: Server) -> None:
    last_first = sorted((path for path in Path("features").glob("*.feature")), reverse=True)
    run = behave(*map(str, last_first), "-D", f"postgres={address(server)}", "-D", "patients=16")
    assert run.returncode == 0, run.stdout[-4000:]
    for title in ("Persistencia de modelo actualizado", "La segunda vez no cambia nada"):
        assert behave("-n", title, "-D", f"postgres={address(server)}").returncode == 0


@pytest.mark.parametrize("selection", [("-n", "no scenario has this name"), ("-t", "no_such_tag")])
def test_a_run_of_nothing_is_no_success(selection: tuple[str, str]) -> None:
    run = behave(*selection, "-D", "postgres=embedded")
    assert run.returncode == 1
    assert "Nothing to run" in run.stdout
    assert "Postgres 1" not in run.stdout, "a server was started for nothing"


@pytest.mark.parametrize(
    ("option", "said"),
    [
        ("patient=3", "No such option: -D patient"),
        ("keep=perhaps", "never | failed | always"),
        ("postgres=oracle", "auto | docker | embedded"),
        ("migration=no/such/file.sql", "No such file"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_starts(option: str, said: str) -> None:
    run = behave("-D", option)
    assert run.returncode == 1
    assert said in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
    assert "Scenario" not in run.stdout


def test_without_a_server_every_scenario_fails_by_the_same_line_also_in_junit(tmp_path: Path) -> None:
    away = "postgres=postgresql://ana:s3cret@127.0.0.1:1/postgres"
    run = behave("-D", away, "--junit", "--junit-directory", str(tmp_path), "features/columnas.feature")
    assert run.returncode == 1
    assert "No Postgres to run on: postgresql://ana:***@127.0.0.1:1/postgres" in run.stdout
    cases = [case for file in tmp_path.glob("*.xml") for case in ET.parse(file).iter("testcase")]
    assert len(cases) == 7
    for case in cases:
        assert "No Postgres to run on" in "".join(case.itertext()) + str([child.attrib for child in case])
        assert case.find("failure") is not None or case.find("error") is not None
    assert "s3cret" not in run.stdout + "".join(file.read_text() for file in tmp_path.glob("*.xml"))


def test_a_role_that_may_not_create_databases_gets_one_line(server: Server) -> None:
    with connect(server.url) as connection:
        connection.exec_driver_sql("CREATE ROLE humble LOGIN PASSWORD 's3cret'")
    try:
        url = server.url.set(drivername="postgresql", username="humble", password="s3cret")
        run = behave("-D", f"postgres={url.render_as_string(hide_password=False)}", "features/columnas.feature")
        assert run.returncode == 1
        assert "Role humble may not create databases" in run.stdout
        assert "s3cret" not in run.stdout
    finally:
        with connect(server.url) as connection:
            connection.exec_driver_sql("DROP ROLE humble")
