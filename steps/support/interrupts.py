"""Ctrl-C and SIGTERM: the first ends the run, wherever it is; what may not be cut short hears of it afterwards.

A KeyboardInterrupt alone is not enough. C code keeps Python from raising it as long as a query runs, and then
psycopg2, a finalizer or a library's `except` may swallow it: the run would go on. So somebody stands by who cancels
what keeps it from being raised, and has it raised again until the run has heard. What swallows it in C prints it with a
traceback, by one of two hooks of Python's, which are told not to; and SQLAlchemy logs what comes while it closes a
connection.
"""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
REACT_SECONDS = 0.3  # for Python to get its turn back by itself
HEAR_SECONDS = 5.0  # for what was raised to reach the run

HOOKS = ("excepthook", "unraisablehook")  # how what was swallowed is printed: by PyErr_Print, by PyErr_WriteUnraisable

_holding = 0
_kept_back = False


@contextmanager
def held() -> Iterator[None]:
    """Let nothing interrupt the block; an interruption that came meanwhile is raised at its end."""
    global _holding, _kept_back  # noqa: PLW0603  signals are the process's own
    _holding += 1
    try:
        yield
    finally:
        _holding -= 1
        if _kept_back and not _holding:
            _kept_back = False
            raise KeyboardInterrupt


class Interrupts:
    """Hears both signals from `with` on; of the main thread, which is the one Python raises in.

    `came` says whether one did; `on_first` is called when the first does, before it is raised. `unblock` is called, on
    a thread of its own, while C code keeps the first from being raised. Whoever runs calls `heard` when it has begun to
    end: then there is nothing more to raise.
    """

    def __init__(self) -> None:
        self.came = False
        self.unblock: Callable[[], None] = lambda: None
        self.on_first: Callable[[], None] = lambda: None
        self._heard = threading.Event()
        self._raised = threading.Event()
        self._put_off = False
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        self._hooks: dict[str, Callable[..., Any]] = {}
        self._before: dict[signal.Signals, object] = {}
        self._thread = threading.Thread(target=self._stand_by, daemon=True)

    def __enter__(self) -> "Interrupts":
        self._thread.start()
        if threading.current_thread() is not threading.main_thread():
            return self  # signals are the main thread's
        for number in SIGNALS:
            # What a shell told its background jobs to ignore stays ignored.
            if (before := signal.getsignal(number)) is not signal.SIG_IGN:
                self._before[number] = before
                signal.signal(number, self._hear)
        if self._before:
            signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        for name in HOOKS:
            self._hooks[name] = getattr(sys, name)
            setattr(sys, name, _but_for_interrupts(self._hooks[name]))
        if logging.lastResort:
            logging.lastResort.addFilter(_is_no_interrupt)
        return self

    def __exit__(self, *_: object) -> None:
        self.heard()
        for name, hook in self._hooks.items():
            setattr(sys, name, hook)
        if logging.lastResort:
            logging.lastResort.removeFilter(_is_no_interrupt)
        if self._before:
            signal.set_wakeup_fd(-1)
        os.close(self._writing)
        self._thread.join()
        os.close(self._reading)
        for number, handler in self._before.items():  # last: who stands by may just have sent one more
            signal.signal(number, handler)  # type: ignore[arg-type]

    @contextmanager
    def until_the_end(self) -> Iterator[None]:
        """As `with`, in a process that ends with the run: what comes afterwards does not change its exit code."""
        with self:
            yield
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)

    def heard(self) -> None:
        """The run ends, or has ended: signals that come from here on change nothing."""
        self._heard.set()
        self._raised.set()  # nobody is to wait for what will not be raised

    def _hear(self, number: int, frame: FrameType | None) -> None:
        global _kept_back  # noqa: PLW0603
        if self._heard.is_set():
            return
        if frame and frame.f_code.co_filename == logging.__file__:
            # Until Python 3.13 logging takes its lock before it is ready to give it back: raised between the two, every
            # other thread would wait for it for ever, and the run with them.
            self._put_off = True
            return
        first, self.came = not self.came, True
        self._raised.set()
        if first:
            self.on_first()
        if _holding:
            _kept_back = True
            return
        raise KeyboardInterrupt(signal.Signals(number).name)

    def _stand_by(self) -> None:
        """Wait for the first signal: Python writes its number down at once, whatever the main thread does."""
        while not (came := os.read(self._reading, 1)) or came[0] not in SIGNALS:
            if not came:  # closed: the run is over, and none came
                return
        while not self._raised.wait(REACT_SECONDS):
            if self._put_off:
                self._put_off = False
                signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
                continue
            with suppress(Exception):  # whatever keeps it from helping, there is a next time
                self.unblock()
        while not self._heard.wait(HEAR_SECONDS):
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            with suppress(Exception):
                self.unblock()


def _but_for_interrupts(hook: Callable[..., Any]) -> Callable[..., Any]:
    """A hook that prints what was swallowed, but for a KeyboardInterrupt: that is raised again."""

    def quiet(*told: Any) -> None:
        if not issubclass(getattr(told[0], "exc_type", told[0]), KeyboardInterrupt):
            hook(*told)

    return quiet


def _is_no_interrupt(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], KeyboardInterrupt))
