"""The terminal: a failure reads in ten seconds."""

import os
import pty
import re
import subprocess
from pathlib import Path

from steps.support.report.status import State
from steps.support.report.terminal import Ink, command, pattern
from tests.report.conftest import PROJECT, Outputs, run
from tests.running import BIN

FAILURE = """\
FAILED features/a_constructs.feature:22 Falla con esperado y obtenido
  Then se esperaba 'VARCHAR <10>' y se obtuvo 'TEXT & más'
    La columna <x> no es la esperada.
      esperado: 'VARCHAR <10>'
      obtenido: 'TEXT & más'
"""


def blocks(text: str) -> dict[str, str]:
    """The failure blocks by title."""
    found = re.findall(r"^(?:FAILED|ERROR|PENDING|UNDEFINED) \S+:\d+ (.*)\n((?:(?:  .*)?\n)*)", text, re.M)
    return dict(found)


def test_a_failure_says_what_one_needs_in_a_few_lines(every: Outputs) -> None:
    assert FAILURE in every.terminal


def test_the_last_screen_is_enough(every: Outputs) -> None:
    screen = every.terminal.partition("\n10 causes\n")[2].partition("::error")[0]
    assert len(screen.splitlines()) < 24
    assert screen.startswith(
        "  1. La columna <x> no es la esperada\n  2. La comprobación no se cumple, y no dice más\n"
    )
    assert re.search(
        r"\nRun the first alone:  \S*behave -n '\^Falla con esperado y obtenido\$'\n"
        r"Open its database:    the same with -D keep=failed\n\n22 scenarios: ",
        screen,
    )


def test_every_ending_has_its_line(every: Outputs) -> None:
    for line in (
        "  ✓ Pasa con tabla y texto",
        "  ✗ Falla con esperado y obtenido [failed]",
        "  ↷ Saltado antes de empezar con motivo [skipped]: hace falta Docker",
        "  ↷ Bajo la regla saltada [skipped]: esta regla espera a la versión 2",
        "  ↷ Tampoco empieza [skipped]: esta funcionalidad espera a la versión 2",
        "  ? Sin definir [undefined]",
        "  … Pendiente [pending]",
        "  ✗ La limpieza falla [error]",
        "  ○ Sin pasos y sin requisito [not run]: no tiene pasos",
    ):
        assert f"{line}\n" in every.terminal
    assert "\n22 scenarios: 5 passed, 4 failed, 6 in error, 5 skipped, 2 not run. " in every.terminal


def test_hooks_and_cleanups_fail_in_words(every: Outputs) -> None:
    found = blocks(every.terminal)
    assert "RuntimeError: no hay servidor" in found["El gancho de antes falla"]
    assert "OSError: la limpieza no pudo borrar" in found["La limpieza falla"]
    assert "el gancho de la funcionalidad se rompió" in found["El gancho de la funcionalidad falla"]


def test_an_error_names_our_lines_and_no_framework(every: Outputs) -> None:
    assert "Traceback" not in every.terminal
    assert "site-packages" not in every.terminal
    broken = blocks(every.terminal)["Rompe con una excepción"]
    assert re.search(r'steps/all_steps\.py:\d+ in breaks: raise ValueError\("se rompió <todo>"\)', broken)
    assert "It printed:\n    hola por stdout" in broken


def test_nothing_is_said_twice(every: Outputs) -> None:
    for said in ("Failing scenarios:", "HOOK-ERROR", "CLEANUP-ERROR", "SKIP Scenario", "features passed"):
        assert said not in every.terminal
    assert every.terminal.count("\nTodas las construcciones & <ninguna> se pierde\n") == 1


def test_a_pipe_gets_no_escapes_and_unbroken_lines(tmp_path: Path) -> None:
    done = run(tmp_path, "-f", "consola", COLUMNS="30")
    assert "\x1b" not in done.stdout
    assert "  ↷ Saltado antes de empezar con motivo [skipped]: hace falta Docker\n" in done.stdout


def on_terminal(columns: int, **environ: str) -> str:
    """What a terminal of so many columns shows of a run."""
    ours, theirs = pty.openpty()
    try:
        subprocess.run(["stty", "cols", str(columns)], stdin=theirs, check=True)
        without = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS")}
        with subprocess.Popen(
            [BIN / "behave", "-f", "consola", "--color=auto", "features/a_constructs.feature"],
            cwd=PROJECT, env={**without, "TERM": "xterm", **environ}, stdin=theirs, stdout=theirs, stderr=theirs,
        ) as process:  # fmt: skip
            os.close(theirs)
            theirs = -1
            shown = b"".join(iter(lambda: _read(ours), b""))
            process.wait(60)
    finally:
        os.close(ours)
        if theirs != -1:
            os.close(theirs)
    return shown.decode().replace("\r\n", "\n")


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # Linux says so when the other end has closed
        return b""


def test_a_narrow_terminal_wraps_all_but_what_is_to_be_typed() -> None:
    shown = on_terminal(48)
    assert "\x1b[31m" in shown
    bare = re.sub(r"\x1b\[[\d;]*m", "", shown)
    long = [line for line in bare.splitlines() if len(line) > 48 and "Run the first alone:" not in line]
    assert [line for line in long if "USING RUNNER" not in line and "all_steps.py" not in line] == []
    assert "[skipped]: todavía no\n" in bare or "[skipped]:\n" in bare or "todavía" in bare


def test_no_color_is_respected() -> None:
    assert "\x1b" not in on_terminal(80, NO_COLOR="1")


def test_without_utf8_it_stays_readable(tmp_path: Path) -> None:
    done = run(tmp_path, "-f", "consola", "features/a_constructs.feature", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert "  ok Pasa con tabla y texto\n" in done.stdout
    assert "  FAIL Falla con esperado y obtenido [failed]\n" in done.stdout


def test_a_title_is_typed_as_the_pattern_behave_takes() -> None:
    assert pattern("¿Cuesta $5 (o más)?") == r"¿Cuesta \$5 \(o más\)\?"
    assert re.fullmatch(pattern("a.b|c [d] {e} ^f\\g*+"), "a.b|c [d] {e} ^f\\g*+")


def test_what_to_type_is_what_was_typed_without_its_secrets() -> None:
    typed = command(".venv/bin/behave", {"postgres": "postgresql://ana:s3cret@h/d", "keep": "failed", "patients": "17"})
    assert typed == ".venv/bin/behave -D 'postgres=postgresql://ana:***@h/d' -D patients=17"
    assert command("/somewhere/else/behave", {}) == "behave"
    assert command("/x/behave/__main__.py", {}).endswith(" -m behave")


def test_an_undefined_step_is_told_with_the_phrases_like_it(tmp_path: Path) -> None:
    for folder in ("steps", "environment.py", "behave.ini", "telling.py"):
        (tmp_path / folder).symlink_to(PROJECT / folder)
    feature = tmp_path / "features" / "new.feature"
    feature.parent.mkdir()
    feature.write_text(
        "Feature: f\n\n  Scenario: uno\n    Given un paso que paso\n\n"
        "  Scenario: dos\n    Given un paso que pasa\n    Then xyzzy\n",
        encoding="utf-8",
    )
    for arguments in ([], ["--dry-run"]):
        done = run(tmp_path, "-f", "consola", *arguments, project=tmp_path)
        assert done.returncode == 1
        found = blocks(done.stdout)
        assert found["uno"] == (
            "  Given un paso que paso\n    Nadie definió este paso.\n      Las frases más parecidas que hay:\n"
            "        un paso que pasa\n        un paso que salta\n\n"
        )
        assert found["dos"] == "  Then xyzzy\n    Nadie definió este paso.\n\n"
        assert "\nAll phrases there are:  make steps\n" in done.stdout
        assert "def step_impl" not in done.stdout


def test_a_dry_run_says_what_it_found_out(tmp_path: Path) -> None:
    done = run(tmp_path, "-f", "consola", "--dry-run", "-n", "Pasa", "features/a_constructs.feature")
    assert done.returncode == 0
    assert done.stdout.endswith("\n2 scenarios: every step is defined. Nothing was run.\n")


def test_states_differ_in_their_marks() -> None:
    good = [state for state in State if not state.bad]
    assert len({state.mark for state in good} | {"✗"}) == len(good) + 1
    assert Ink().ended(State.FAILED, "t", "") == "  ✗ t [failed]"
