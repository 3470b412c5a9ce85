"""A run writes to any terminal; what cannot be written is one line."""

import subprocess
from pathlib import Path

import pytest

from steps.support.options import ROOT
from steps.support.postgres.server import Server
from tests.running import BIN, HANG_SECONDS, address, behave

ONE = ("features/1_atribucion.feature",)


def test_letters_a_terminal_lacks_are_no_error(server: Server) -> None:
    for arguments in (("-D", "help"), ("-D", f"postgres={address(server)}", *ONE)):
        run = behave(*arguments, PYTHONIOENCODING="ascii")
        assert run.returncode == 0, run.stderr
        assert "Traceback" not in run.stdout + run.stderr


def test_a_reader_who_leaves_ends_the_run_in_one_line(server: Server) -> None:
    command = f"set -o pipefail; {BIN}/behave -D postgres={address(server)} features/1_atribucion.feature | head -1"
    run = subprocess.run(
        ["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=HANG_SECONDS, check=False
    )
    assert run.returncode == 1, run.stderr
    assert run.stderr.splitlines() == ["The run ends, as its output cannot be written: [Errno 32] Broken pipe."]


def test_a_report_that_cannot_be_written_ends_the_run_in_one_line(server: Server, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    run = behave("-D", f"postgres={address(server)}", *ONE, "--junit", "--junit-directory", str(in_the_way / "junit"))
    assert run.returncode == 1, run.stdout + run.stderr
    assert "Traceback" not in run.stdout + run.stderr
    assert run.stderr.count(str(in_the_way)) == 1, run.stderr


def test_a_feature_that_is_not_there_is_named_in_one_line() -> None:
    run = behave("features/nowhere.feature")
    assert (run.returncode, run.stdout + run.stderr) == (1, "FileNotFoundError: features/nowhere.feature\n")


@pytest.mark.parametrize("folder", ["features", "steps", ".."])
def test_from_another_folder_it_says_from_which(folder: str) -> None:
    feature = str(ROOT / "features" / "2_columnas.feature")
    run = subprocess.run(
        [BIN / "behave", feature], cwd=ROOT / folder, capture_output=True, text=True, timeout=HANG_SECONDS, check=False
    )
    assert run.returncode == 1
    assert len(run.stdout.splitlines()) == 2, run.stdout
    assert f"Run behave itself, in the folder of behave.ini: cd {ROOT}" in run.stdout
    assert "Traceback" not in run.stdout + run.stderr
