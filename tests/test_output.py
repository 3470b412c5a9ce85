"""Whatever a run writes to, its own verdict stands, and what could not be written is one line."""

import subprocess
from pathlib import Path

import pytest

from steps.support.options import ROOT
from steps.support.postgres.server import Server
from tests.running import BIN, address, behave

ONE = ("-n", "Meta Ads: la tabla conserva sus reglas")


def test_letters_a_terminal_lacks_are_no_error(server: Server) -> None:
    for arguments in (("-D", "help"), ("-D", f"postgres={address(server)}", *ONE)):
        run = behave(*arguments, PYTHONIOENCODING="ascii")
        assert run.returncode == 0, run.stderr
        assert "Traceback" not in run.stdout + run.stderr


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_who_leaves_does_not_end_the_run(server: Server, tmp_path: Path, unbuffered: str) -> None:
    command = f"set -o pipefail; {BIN}/behave -D postgres={address(server)} -f consola {' '.join(map(repr, ONE))} "
    command += f"--junit --junit-directory {tmp_path} | head -1"
    run = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, env={"PYTHONUNBUFFERED": unbuffered, "PATH": "/usr/bin:/bin"},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert "Traceback" not in run.stderr
    assert run.stderr.count("Nobody reads the output any more") == 1
    assert list(tmp_path.glob("*.xml"))


def test_reports_that_cannot_be_written_are_a_line_each(server: Server, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    run = behave(
        "-D", f"postgres={address(server)}", *ONE, "-f", "informe", "-o", str(in_the_way / "informe.html"), "-f",
        "consola", "--junit", "--junit-directory", str(in_the_way / "junit"),
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    for report in ("-f informe", "JUnit"):
        assert run.stdout.count(f"The report of {report} was not written: ") == 1, run.stdout
    assert "1 escenario: 1 pasa" in run.stdout


@pytest.mark.parametrize("folder", ["features", "steps", ".."])
def test_from_another_folder_it_says_from_which(folder: str) -> None:
    feature = str(ROOT / "features" / "columnas.feature")
    run = subprocess.run(
        [BIN / "behave", feature], cwd=ROOT / folder, capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 1
    assert len(run.stdout.splitlines()) == 2, run.stdout
    assert f"Run it from the project's folder, where behave.ini is: cd {ROOT} && " in run.stdout
    assert run.stdout.endswith("behave features/columnas.feature\n")
    assert "Traceback" not in run.stdout + run.stderr
