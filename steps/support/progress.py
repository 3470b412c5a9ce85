"""Says what is being done and how far it is, when it takes longer than a moment.

On a terminal a bar that redraws itself, in a log a line now and then. It writes to the process's own stderr:
behave captures sys.stdout and sys.stderr within steps and hooks. Of our own, since a library's bar goes to
the stream it is given and has nothing for a log.
"""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TextIO

Advance = Callable[..., None]

SILENT_SECONDS = 1.0  # what is done by then needs no explanation
REDRAW_SECONDS = 0.2
LINE_SECONDS = 10.0
WIDTH = 24


@dataclass
class Task:
    """One thing being done: `done` of `total` units; without a total only the time shows."""

    label: str
    total: float | None = None
    done: float = 0.0
    began: float = field(default_factory=time.monotonic)

    def advance(self, units: float = 1.0, *, to: float | None = None, total: float | None = None) -> None:
        """So many units more are done; or `to` of them in all, of a `total` known only now."""
        self.total = self.total if total is None else total
        self.done = self.done + units if to is None else to

    def line(self) -> str:
        """What a log shows, such as 'Pulling postgres:18: 40 %, 12 s'."""
        share = f"{self._share():.0%}, ".replace("%", " %") if self.total else ""
        return f"{self.label}: {share}{time.monotonic() - self.began:.0f} s"

    def bar(self, columns: int) -> str:
        """What a terminal shows, never wider than it."""
        if not self.total:
            return self.line()[: columns - 1]
        filled = round(self._share() * WIDTH)
        return f"[{'#' * filled}{'.' * (WIDTH - filled)}] {self.line()}"[: columns - 1]

    def _share(self) -> float:
        return min(1.0, self.done / self.total) if self.total else 0.0


@contextmanager
def progress(
    label: str, total: float | None = None, *, silent: float | None = None, to: TextIO | None = None
) -> Iterator[Advance]:
    """Show `label` while the block runs, once it has for `silent` seconds.

    Call what it gives as each unit, or `units`, of `total` is done.
    """
    stream = to or sys.__stderr__
    task = Task(label, total)
    if stream is None:  # no stderr at all, as under pythonw
        yield task.advance
        return
    over = threading.Event()
    shower = threading.Thread(target=_show, args=(task, stream, over, silent or SILENT_SECONDS), daemon=True)
    shower.start()
    try:
        yield task.advance
    finally:
        over.set()
        shower.join()


def _show(task: Task, stream: TextIO, over: threading.Event, wait: float) -> None:
    on_terminal = stream.isatty()
    drawn = False
    while not over.wait(wait):
        columns = _columns(stream) if on_terminal else 0
        stream.write(f"\r\x1b[K{task.bar(columns)}" if on_terminal else task.line() + "\n")
        stream.flush()
        wait = REDRAW_SECONDS if on_terminal else LINE_SECONDS
        drawn = True
    if drawn and on_terminal:
        stream.write("\r\x1b[K")
        stream.flush()


def _columns(stream: TextIO) -> int:
    try:
        return os.get_terminal_size(stream.fileno()).columns
    except OSError:
        return 80
