"""Reads what pg_dump wrote for pg_restore (custom, directory, tar) as SQL text, without a server."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from steps.support.errors import SnapshotError
from steps.support.postgres.embedded import clients
from steps.support.rehearsal.client import PLAIN_ENGLISH, SILENCE_SECONDS, first_line, written_by

TAR_BLOCK = 512
UNREADABLE_INSIDE = b"does not support compression"


@contextmanager
def restored(archive: Path, shown: Path) -> Iterator[IO[bytes]]:
    """What pg_restore would send to a server; raises SnapshotError, naming `shown`, when it cannot read it."""
    if archive.is_file():
        _expect_good_tar(archive, shown)
    else:
        _expect_ends(archive, shown)
    command = [_reader(archive, shown), "--file=-", str(archive)]
    with written_by(command, PLAIN_ENGLISH, lambda said: _unreadable(shown, said)) as text:
        yield text


def _expect_good_tar(archive: Path, shown: Path) -> None:
    """Raise SnapshotError for a tar file that is not pg_dump's or not whole: on half of one pg_restore never ends."""
    with archive.open("rb") as file:
        header = file.read(TAR_BLOCK)
        if header[257:262] != b"ustar":
            return
        if not header.startswith(b"toc.dat\0"):
            raise SnapshotError(f"{shown} is a tar file, but no dump of Postgres. Name a file pg_dump wrote.")
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - 2 * TAR_BLOCK))
        if size % TAR_BLOCK or file.read().strip(b"\0"):
            raise SnapshotError(f"{shown} is cut short: a tar file ends in empty blocks. Copy or dump it again, whole.")


def _expect_ends(folder: Path, shown: Path) -> None:
    """Raise SnapshotError when a file of rows is cut short: pg_restore would go on with the next table's as its own."""
    for path in folder.glob("[0-9]*.dat"):
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 4))
            if file.read() not in (b".\n\n\n", b";\n\n\n"):
                raise SnapshotError(f"{shown} is cut short: {path.name} has no end. Copy or dump it again, whole.")


def _reader(archive: Path, shown: Path) -> str:
    """The first pg_restore there is that can read the archive's list and what it is compressed with inside."""
    programs = clients("pg_restore")
    if not programs:
        raise SnapshotError(
            f"{shown} needs pg_restore, and there is none. Install the Postgres client, or give plain SQL."
        )
    reasons = []
    for program in programs:
        try:
            done = subprocess.run(
                [program, "--list", str(archive)],
                capture_output=True, check=False, env=PLAIN_ENGLISH, timeout=SILENCE_SECONDS,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise _unreadable(shown, "pg_restore goes round in circles in it") from None
        if done.returncode == 0 and UNREADABLE_INSIDE not in done.stderr:
            return program
        reasons.append(done.stderr)
    if compressed := next((reason for reason in reasons if UNREADABLE_INSIDE in reason), None):
        kind = compressed.partition(b"compression with ")[2].partition(b")")[0].decode() or "what it does not know"
        raise SnapshotError(
            f"{shown} is compressed inside with {kind}, which no pg_restore here can read. "
            "Dump it with pg_dump --compress=gzip, or install a Postgres client built with it."
        )
    raise _unreadable(shown, first_line(reasons[0]))


def _unreadable(shown: Path, said: str) -> SnapshotError:
    reason = (said or "pg_restore failed").rstrip(".")
    return SnapshotError(f"{shown} cannot be read: {reason}. Copy or dump it again, whole.")
