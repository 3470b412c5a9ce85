"""Reads what a Postgres client program writes while it runs, and what it says when it cannot go on."""

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import IO

from steps.support.harness.errors import SnapshotError

PLAIN_ENGLISH = {**os.environ, "LC_ALL": "C"}  # so that what a client says can be told apart


@contextmanager
def written_by(
    command: Sequence[str], environ: Mapping[str, str], problem: Callable[[str], SnapshotError]
) -> Iterator[IO[bytes]]:
    """What `command` writes; raises `problem` of the first line it said ('' of none) when it failed.

    One that is not read to its end is ended: only what was read whole can have been read well.
    """
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, env=environ) as process:
            assert process.stdout
            try:
                yield process.stdout
                finished = process.stdout.read(1) == b""
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


def first_line(said: bytes) -> str:
    """The first line a client said, without its name; '' of none."""
    line = next(iter(said.decode("utf-8", "replace").strip().splitlines()), "")
    return line.removeprefix("pg_restore: error: ").removeprefix("pg_dump: error: ")
