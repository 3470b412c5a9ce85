"""Reads a dump file of any format as the SQL text it stands for."""

import errno
import gzip
import importlib
import io
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from steps.support.errors import SnapshotError
from steps.support.rehearsal.archives import restored

GZIP, ZSTD, CUSTOM = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PGDMP"
PLAIN = (b"--", b"SET ", b"CREATE ", b"COPY ", b"INSERT ", b"BEGIN", b"\\restrict", b"SELECT ", b"/*")
# What people wrap dumps in: opening it is not ours to do.
WRAPPED = {
    b"-----BEGIN PGP MESSAGE": "looks encrypted (OpenPGP)",
    b"\x85": "looks encrypted (OpenPGP)",
    b"\x8c": "looks encrypted (OpenPGP)",
    b"\xc1": "looks encrypted (OpenPGP)",
    b"\xc3": "looks encrypted (OpenPGP)",
    b"Salted__": "is encrypted (OpenSSL)",
    b"age-encryption.org/": "is encrypted (age)",
    b"-----BEGIN AGE": "is encrypted (age)",
    b"PK\x03\x04": "is a zip file",
    b"7z\xbc\xaf\x27\x1c": "is a 7z file",
    b"\xfd7zXZ\x00": "is compressed with xz",
    b"BZh": "is compressed with bzip2",
    b"\x04\x22\x4d\x18": "is compressed with lz4",
}


@contextmanager
def sql_text(path: Path) -> Iterator[IO[bytes]]:
    """The file's SQL text as a stream; raises SnapshotError when it is no dump, or one that cannot be read."""
    if not path.is_file() and not path.is_dir():
        raise SnapshotError(f"{path} is no file, and it is read more than once. Save it to a file, and name that.")
    try:
        with _sql_text(path) as stream:
            yield stream
    except (EOFError, zlib.error, _zstd().ZstdError) as error:
        raise SnapshotError(f"{path} is cut short or damaged ({error}). Copy or dump it again, whole.") from error
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise SnapshotError(f"Not enough disk to unpack {path} in {tempfile.gettempdir()}. Set TMPDIR.") from error
        raise SnapshotError(f"{path} cannot be read: {error.strerror or error}.") from error


@contextmanager
def _sql_text(path: Path) -> Iterator[IO[bytes]]:
    magic = b"" if path.is_dir() else _first(path.open("rb"))
    if magic.startswith((GZIP, ZSTD)):
        with _decompressed(path, magic) as stream:
            inner = _first(_decompressed(path, magic))
            if _is_archive(inner):
                with tempfile.NamedTemporaryFile(prefix="acceptance-dump-") as file:
                    shutil.copyfileobj(stream, file)
                    file.flush()
                    with restored(Path(file.name), shown=path) as text:
                        yield text
            else:
                _expect_sql(inner, path)
                yield stream
    elif path.is_dir():
        if not (path / "toc.dat").is_file():
            raise SnapshotError(f"{path} is a folder without toc.dat: no dump, or half of one. Name what pg_dump made.")
        with restored(path, shown=path) as text:
            yield text
    elif _is_archive(magic):
        with restored(path, shown=path) as text:
            yield text
    else:
        _expect_sql(magic, path)
        with path.open("rb") as stream:
            yield stream


def _first(stream: IO[bytes]) -> bytes:
    with stream:
        try:
            return stream.read(1024)
        except (EOFError, zlib.error, gzip.BadGzipFile, _zstd().ZstdError):
            return b""


def _is_archive(start: bytes) -> bool:
    return start.startswith(CUSTOM) or start[257:262] == b"ustar"


def _expect_sql(start: bytes, path: Path) -> None:
    for magic, what in WRAPPED.items():
        if start.startswith(magic):
            raise SnapshotError(
                f"{path} {what}, and only gzip and zstd are opened here. Open it first, name what is in it."
            )
    if b"\0" in start or not start.lstrip(b"\xef\xbb\xbf \r\n").startswith(PLAIN):
        raise SnapshotError(
            f"{path} is no dump of Postgres. Make one with: pg_dump --format=custom --file=FILE DATABASE"
        )


def _zstd() -> Any:
    try:
        return importlib.import_module("compression.zstd")  # Python 3.14 and later
    except ImportError:
        return importlib.import_module("zstandard")


def _decompressed(path: Path, magic: bytes) -> IO[bytes]:
    if magic.startswith(GZIP):
        return gzip.open(path)  # type: ignore[return-value]  # a GzipFile is read as any binary file
    return io.BufferedReader(_zstd().open(path))  # reads lines, which the package's own does not
