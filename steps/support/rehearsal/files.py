"""Reads a dump file of any format as the SQL text it stands for."""

import gzip
import importlib
import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from steps.support.problems import SnapshotError
from steps.support.servers.embedded import client

GZIP, ZSTD, CUSTOM = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PGDMP"
PLAIN = (b"--", b"SET ", b"CREATE ", b"COPY ", b"INSERT ", b"BEGIN", b"\\restrict", b"SELECT ", b"/*")


@contextmanager
def sql_text(path: Path) -> Iterator[IO[bytes]]:
    """The file's SQL text as a stream; raises SnapshotError when it is no dump, or one that cannot be read."""
    magic = b"" if path.is_dir() else _first(path.open("rb"))
    if magic.startswith((GZIP, ZSTD)):
        with _decompressed(path, magic) as stream:
            inner = _first(_decompressed(path, magic))
            if _is_archive(inner):
                with tempfile.NamedTemporaryFile(prefix="meta-ads-dump-") as file:
                    shutil.copyfileobj(stream, file)
                    file.flush()
                    with _restored(Path(file.name), shown=path) as text:
                        yield text
            else:
                _expect_sql(inner, path)
                yield stream
    elif (path / "toc.dat").is_file() or _is_archive(magic):
        with _restored(path, shown=path) as text:
            yield text
    else:
        _expect_sql(magic, path)
        with path.open("rb") as stream:
            yield stream


def _first(stream: IO[bytes]) -> bytes:
    with stream:
        try:
            return stream.read(1024)
        except (OSError, EOFError, ValueError):
            return b""


def _is_archive(start: bytes) -> bool:
    return start.startswith(CUSTOM) or start[257:262] == b"ustar"


def _expect_sql(start: bytes, path: Path) -> None:
    if b"\0" in start or not start.lstrip(b"\xef\xbb\xbf \r\n").startswith(PLAIN):
        raise SnapshotError(
            f"{path} is no dump of Postgres. Make one with: pg_dump --format=custom --file=FILE DATABASE"
        )


def _decompressed(path: Path, magic: bytes) -> IO[bytes]:
    if magic.startswith(GZIP):
        return gzip.open(path)  # type: ignore[return-value]  # a GzipFile is read as any binary file
    try:
        standard: Any = importlib.import_module("compression.zstd")  # Python 3.14 and later
        stream: IO[bytes] = standard.open(path)
    except ImportError:
        package: Any = importlib.import_module("zstandard")
        stream = package.open(path)
    return io.BufferedReader(stream)  # type: ignore[type-var]  # reads lines, which the package's own does not


@contextmanager
def _restored(archive: Path, shown: Path) -> Iterator[IO[bytes]]:
    """What pg_restore would send to a server, without one."""
    _expect_toc(archive, shown)
    with tempfile.TemporaryFile() as errors:
        command = [client("pg_restore"), "--file=-", str(archive)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors) as process:
            assert process.stdout
            try:
                yield process.stdout
                # Only what was read to its end can have been read well.
                finished = process.stdout.read(1) == b""
            except BaseException:
                process.kill()
                raise
            if not finished:
                process.kill()
        if finished and process.returncode:
            errors.seek(0)
            raise SnapshotError(f"{shown} cannot be read: {_reason(errors.read())}.")


def _expect_toc(archive: Path, shown: Path) -> None:
    if archive.is_file() and tarfile.is_tarfile(archive):
        with tarfile.open(archive) as tar:
            if tar.next() is None or "toc.dat" not in (tar.getnames()[:1]):
                raise SnapshotError(f"{shown} is a tar file, but no dump of Postgres. Name a file pg_dump wrote.")
    done = subprocess.run([client("pg_restore"), "--list", str(archive)], capture_output=True, check=False)
    if done.returncode:
        raise SnapshotError(f"{shown} cannot be read: {_reason(done.stderr)}.")


def _reason(stderr: bytes) -> str:
    lines = stderr.decode("utf-8", "replace").strip().splitlines() or ["pg_restore failed"]
    return lines[0].removeprefix("pg_restore: error: ").rstrip(".")
