"""SIGINT, SIGTERM and SIGHUP end the run by a KeyboardInterrupt; where a query runs, they cancel it."""

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from psycopg2.extensions import set_wait_callback
from psycopg2.extras import wait_select

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
    """Within the block a signal calls `first` and raises KeyboardInterrupt in the main thread.

    A query under way is cancelled instead, and fails with 57014.
    """

    def hear(_number: int, _frame: FrameType | None) -> None:
        first()
        raise KeyboardInterrupt

    # What nohup, or a shell for its background jobs, has ignored stays ignored.
    heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]
    before = {number: signal.signal(number, hear) for number in heard}
    # SQLAlchemy logs, with a traceback, what is raised while it closes a connection; it raises it again as well.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    # In psycopg2's own C code no signal is heard until the query ends.
    set_wait_callback(wait_select)
    try:
        yield
    finally:
        set_wait_callback(None)
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore() -> None:
    """From here on signals are ignored."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
