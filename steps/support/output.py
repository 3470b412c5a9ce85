"""Where a run writes: any terminal's letters will do, and nobody need read to the end."""

import io
import sys
from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any


class _ToWhoeverReads(io.RawIOBase):
    """A file whose reader may leave, as in `behave | head`: what comes after that goes nowhere, and the run goes on."""

    def __init__(self, file: io.FileIO) -> None:
        self._file = file
        self._read = True

    def write(self, data: Any) -> int:
        """Write, while somebody reads."""
        if self._read:
            try:
                return self._file.write(data) or 0
            except BrokenPipeError:
                self._read = False
                print(
                    "Nobody reads the output any more; the run goes on, and its exit code tells.", file=sys.__stderr__
                )
        return len(data)

    def writable(self) -> bool:
        """It is for writing."""
        return True

    def fileno(self) -> int:
        """The file's own number."""
        return self._file.fileno()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._file.isatty()


def prepare(openers: Iterable[Any] = ()) -> None:
    """Make stdout and stderr take any text, and a reader who leaves; what a test put in their place is left alone.

    `openers` are behave's of streams, which it made before anybody could ask.
    """
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    buffer = getattr(sys.stdout, "buffer", None)
    raw = getattr(buffer, "raw", buffer)  # PYTHONUNBUFFERED leaves nothing between
    if sys.stdout is sys.__stdout__ and isinstance(raw, io.FileIO):
        before: io.TextIOWrapper = sys.stdout  # type: ignore[assignment]  # as its raw file tells
        before.flush()
        sys.stdout = io.TextIOWrapper(
            io.BufferedWriter(_ToWhoeverReads(raw)),
            encoding=before.encoding,
            errors="backslashreplace",
            line_buffering=before.line_buffering or before.write_through,
        )
        for opener in openers:
            if opener.stream is before:
                opener.stream = sys.stdout


def tolerant(what: str, write: Callable[..., Any]) -> Callable[..., Any]:
    """`write`, but a file it cannot write is one line: no report is worth the run's own verdict."""

    said: set[str] = set()

    @wraps(write)
    def writing(*arguments: Any) -> Any:
        try:
            return write(*arguments)
        except OSError as error:
            line = f"{what} was not written: {error.filename or 'its file'}: {error.strerror}."
            if line not in said:
                print(line, flush=True)
            said.add(line)
            return None

    return writing


def let_no_report_spoil_the_verdict(formatters: Iterable[Any], reporters: Iterable[Any]) -> None:
    """Have what cannot be written said in a line, and the run go on."""
    for one in formatters:
        one.close = tolerant(f"The report of {getattr(one, 'option', f'-f {one.name}')}", one.close)
    for one in reporters:
        name = type(one).__name__.removesuffix("Reporter")
        one.feature, one.end = (tolerant(f"The report of {name}", write) for write in (one.feature, one.end))
