"""What takes long says what it is doing: a bar on a terminal, a line now and then in a log, else nothing."""

import io
import re

import pytest

from steps.support import progress as module
from steps.support.progress import Task, progress
from steps.support.waiting import wait_until


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SILENT_SECONDS", "REDRAW_SECONDS", "LINE_SECONDS"):
        monkeypatch.setattr(module, name, 0.005)


def test_what_is_done_in_a_moment_is_not_mentioned() -> None:
    for stream in (Terminal(), io.StringIO()):
        with progress("Something", total=3, to=stream) as advance:
            advance()
        assert stream.getvalue() == ""


@pytest.mark.usefixtures("at_once")
def test_a_log_gets_lines() -> None:
    stream = io.StringIO()
    with progress("Seeding", total=4, to=stream) as advance:
        advance(1)
        wait_until(lambda: "Seeding: 25 %, 0 s\n" in stream.getvalue(), "a line")
    assert "\r" not in stream.getvalue()
    assert "\x1b" not in stream.getvalue()


@pytest.mark.usefixtures("at_once")
def test_a_terminal_gets_a_bar_that_goes_away() -> None:
    stream = Terminal()
    with progress("Seeding", total=4, to=stream) as advance:
        advance(to=3)
        wait_until(lambda: "75 %" in stream.getvalue(), "a bar")
    assert re.search(r"\r\x1b\[K\[#{18}\.{6}\] Seeding: 75 %, 0 s", stream.getvalue())
    assert stream.getvalue().endswith("\r\x1b[K")
    assert "\n" not in stream.getvalue()


@pytest.mark.usefixtures("at_once")
def test_it_stops_when_the_work_fails() -> None:
    stream = Terminal()

    def fail() -> None:
        with progress("Breaking", to=stream):
            wait_until(lambda: "Breaking" in stream.getvalue(), "anything shown")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert stream.getvalue().endswith("\r\x1b[K")


def test_a_bar_fits_the_terminal_and_never_passes_the_end() -> None:
    task = Task("A long label that goes on", total=2)
    task.advance(5)
    assert "100 %" in task.bar(200)
    assert len(task.bar(30)) == 29
    assert Task("No total").line() == "No total: 0 s"
    task.advance(to=1, total=4)
    assert "25 %" in task.line()


def test_it_writes_past_what_captures_stderr(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENT_SECONDS", 0.0)
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with progress("Restoring"):
        wait_until(lambda: "Restoring" in capfd.readouterr().err, "anything")
