"""Ctrl-C and SIGTERM: the first ends the run, wherever it is; what may not be cut short hears of it afterwards.

A KeyboardInterrupt alone is not enough. C code keeps Python from raising it as long as a query runs, and then
psycopg2, a finalizer or a library's `except` may swallow it: the run would go on. So somebody stands by who cancels
what keeps it from being raised, and has it raised again until the run has heard.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM)
REACT_SECONDS = 0.3  # for Python to get its turn back by itself
HEAR_SECONDS = 5.0  # for what was raised to reach the run

_holding = 0
_kept_back = False
_listening: "Interrupts | None" = None


def expect_none() -> None:
    """Raise KeyboardInterrupt where one came that has not reached the run: after what swallows it, as psycopg2 does.

    It decodes what the server says by a call of Python's, and what is raised in there goes no further.
    """
    if _listening and _listening.unheard:
        raise KeyboardInterrupt


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
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._writing, False)
        self._outer: Interrupts | None = None
        self._before: dict[signal.Signals, object] = {}
        self._thread = threading.Thread(target=self._stand_by, daemon=True)

    def __enter__(self) -> "Interrupts":
        global _listening
        self._outer, _listening = _listening, self
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
        return self

    def __exit__(self, *_: object) -> None:
        global _listening  # noqa: PLW0603
        _listening = self._outer
        self.heard()
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

    @property
    def unheard(self) -> bool:
        """Whether one came and the run goes on as if none had."""
        return self.came and not self._heard.is_set()

    def heard(self) -> None:
        """The run ends, or has ended: signals that come from here on change nothing."""
        self._heard.set()
        self._raised.set()  # nobody is to wait for what will not be raised

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        global _kept_back  # noqa: PLW0603
        if self._heard.is_set():
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
            with suppress(Exception):  # whatever keeps it from helping, there is a next time
                self.unblock()
        while not self._heard.wait(HEAR_SECONDS):
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
            with suppress(Exception):
                self.unblock()
