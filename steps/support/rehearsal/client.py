"""Reads what a Postgres client program writes while it runs, and what it says when it cannot go on."""

import io
import os
import select
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO, Any

from steps.support.errors import SnapshotError

SILENCE_SECONDS = 60.0  # of a program that reads a file
PLAIN_ENGLISH = {**os.environ, "LC_ALL": "C"}  # so that what a client says can be told apart


@contextmanager
def written_by(
    command: Sequence[str],
    environ: Mapping[str, str],
    problem: Callable[[str], SnapshotError],
    silence: float = SILENCE_SECONDS,
) -> Iterator[IO[bytes]]:
    """What `command` writes; raises `problem` of the first line it said ('' of none) when it failed.

    Only what was read whole can have been read well: one that is not read to its end is ended, and so is one that
    has written nothing for `silence` seconds.
    """
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=environ) as process:
            assert process.stdout
            try:
                stream = io.BufferedReader(_Bounded(process.stdout, silence, problem), 1 << 16)
                yield stream
                finished = stream.read(1) == b""
            except EOFError:
                finished = True
                if process.wait() == 0:  # else its own words say why the text ends too soon
                    raise
            except BaseException:
                process.kill()
                raise
            if not finished:
                process.kill()
        if finished and process.returncode:
            errors.seek(0)
            raise problem(first_line(errors.read()))


class _Bounded(io.RawIOBase):
    """A pipe that is not waited for without end."""

    def __init__(self, pipe: IO[bytes], silence: float, problem: Callable[[str], SnapshotError]) -> None:
        self._pipe, self._silence, self._problem = pipe, silence, problem

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the buffer with what there is; raises SnapshotError when nothing comes."""
        if not select.select([self._pipe], [], [], self._silence)[0]:
            raise self._problem(f"nothing came of it for {self._silence:.0f} s")
        data = os.read(self._pipe.fileno(), len(buffer))
        buffer[: len(data)] = data
        return len(data)


def first_line(said: bytes) -> str:
    """The first line a client said, without its name; '' of none."""
    line = next(iter(said.decode("utf-8", "replace").strip().splitlines()), "")
    return line.removeprefix("pg_restore: error: ").removeprefix("pg_dump: error: ")
