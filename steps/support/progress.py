"""How far a long task is: a bar on a terminal, a line now and then in a log; nothing for what ends at once."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 2.0  # seconds before anything is said
LINE_EVERY = 15.0
BAR_EVERY = 0.1
WIDTH = 30

Advance = Callable[..., None]


@contextmanager
def progress(what: str, total: float | None = None) -> Iterator[Advance]:
    """Give a function that is told of progress: `advance(amount)`, or `advance(amount, "a detail")`.

    Without `total` only the time is shown. Writes to the process's own stderr, which behave does not capture.
    """
    out = sys.__stderr__
    terminal = bool(out and out.isatty())
    began = said = time.monotonic()
    done = 0.0
    shown = False

    def advance(amount: float = 1, detail: str = "") -> None:
        nonlocal done, said, shown
        done += amount
        now = time.monotonic()
        if out is None or now - began < PATIENCE or now - said < (BAR_EVERY if terminal else LINE_EVERY):
            return
        said, shown = now, True
        line = f"{what} {_far(done, total)} {now - began:.0f} s {detail}".rstrip()
        out.write(f"\r\x1b[K{line[:100]}" if terminal else line + "\n")
        out.flush()

    try:
        yield advance
    finally:
        if out and shown and terminal:
            out.write("\r\x1b[K")
            out.flush()


def _far(done: float, total: float | None) -> str:
    if not total:
        return ""
    share = min(done / total, 1.0)
    return f"[{'#' * int(share * WIDTH):<{WIDTH}}] {share:4.0%}"
