"""SIGINT, SIGTERM and SIGHUP end the run by a KeyboardInterrupt; where a query runs, they cancel it."""

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from select import select
from types import FrameType
from typing import Any

from psycopg2 import Error
from psycopg2.extensions import POLL_OK, POLL_READ, set_wait_callback

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def held() -> Iterator[None]:
    """Let no signal interrupt the block, in which no thread runs; one that came meanwhile is heard at its end."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def raised(first: Callable[[], None]) -> Iterator[None]:
    """Within the block a signal calls `first` and raises KeyboardInterrupt in the main thread."""

    def hear(_number: int, _frame: FrameType | None) -> None:
        first()
        raise KeyboardInterrupt

    # What nohup, or a shell for its background jobs, has ignored stays ignored.
    heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, hear) for number in heard}
    # SQLAlchemy logs, with a traceback, what is raised while it closes a connection; it raises it again as well.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    set_wait_callback(_wait)
    try:
        yield
    finally:
        set_wait_callback(None)
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(connection: Any) -> None:
    """Wait for the server in Python: in psycopg2's own C code no signal is heard until the query ends.

    psycopg2's own wait_select raises what the server says of a query that is cancelled, as if a script had failed.
    """
    while (state := connection.poll()) != POLL_OK:
        readers, writers = ([connection], []) if state == POLL_READ else ([], [connection])
        try:
            select(readers, writers, [])
        except KeyboardInterrupt:
            with suppress(Error):  # of a connection that is not there yet
                connection.cancel()
            raise


def ignore() -> None:
    """From here on signals are ignored."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
