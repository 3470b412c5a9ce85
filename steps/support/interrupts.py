"""SIGINT, SIGTERM and SIGHUP end the run by a KeyboardInterrupt; where a query runs, they cancel it."""

import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from select import select
from types import FrameType
from typing import Any

from psycopg2 import Error
from psycopg2.extensions import POLL_OK, POLL_READ, set_wait_callback

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_holding = 0
_kept_back = False


@contextmanager
def held() -> Iterator[None]:
    """Let no signal interrupt the block; one that came meanwhile is raised at its end."""
    global _holding, _kept_back  # noqa: PLW0603  signals are the process's own
    _holding += 1
    try:
        yield
    finally:
        _holding -= 1
        if _kept_back and not _holding:
            _kept_back = False
            raise KeyboardInterrupt


@contextmanager
def raised(first: Callable[[], None]) -> Iterator[None]:
    """Within the block a signal calls `first` and raises KeyboardInterrupt in the main thread."""

    def hear(_number: int, _frame: FrameType | None) -> None:
        global _kept_back  # noqa: PLW0603
        first()
        if _holding:
            _kept_back = True
        else:
            raise KeyboardInterrupt

    # What nohup, or a shell for its background jobs, has ignored stays ignored.
    heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, hear) for number in heard}
    hook = sys.excepthook
    # At a BEGIN or COMMIT psycopg2 prints what `_wait` raises and raises OperationalError, which ends the step too.
    sys.excepthook = lambda kind, *more: None if kind is KeyboardInterrupt else hook(kind, *more)
    # SQLAlchemy logs, with a traceback, what is raised while it closes a connection; it raises it again as well.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    set_wait_callback(_wait)
    try:
        yield
    finally:
        sys.excepthook = hook
        set_wait_callback(None)
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(connection: Any) -> None:
    """Wait for the server in Python: in psycopg2's own C code no signal is heard until the query ends."""
    while (state := connection.poll()) != POLL_OK:
        waiting = [connection.fileno()]
        try:
            select(waiting if state == POLL_READ else [], [] if state == POLL_READ else waiting, [])
        except KeyboardInterrupt:
            with suppress(Error):  # of a connection that is not there yet
                connection.cancel()
            raise


def ignore() -> None:
    """From here on signals are ignored."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
