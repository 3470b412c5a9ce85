"""Splits a dump's SQL text into statements and blocks of rows, without running what psql alone understands."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

# From an opening to its end: what is inside ends no statement. Unclosed, it matches nothing and the text is incomplete.
_WHOLE = re.compile(
    rb"""(?: --[^\n]*(?:\n|$) | /\*.*?\*/ | [eE]'(?:[^'\\]|\\.|'')*' | '[^']*' | "[^"]*"
         | (?P<tag>\$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$).*?(?P=tag)
         | [^-/'"$eE]+ | -(?!-) | /(?!\*) | [eE](?!') | \$(?![\w\x80-\xff]*\$) )*""",
    re.X | re.S,
)
_COPY = re.compile(rb"COPY (.+?) (?:\(.*\) )?FROM stdin;\s*$")


@dataclass(frozen=True)
class Statement:
    """A SQL statement, comments before it included."""

    sql: bytes

    @property
    def words(self) -> str:
        """Its text from the first word on, on one line."""
        text = re.sub(rb"^(?:\s+|--[^\n]*(?:\n|$))*", b"", self.sql)
        return " ".join(text[:400].decode("utf-8", "replace").split())


@dataclass(frozen=True)
class Rows:
    """The rows of one table: the COPY statement, and its lines. What is not taken of them is passed over."""

    table: str
    copy: bytes
    lines: Iterator[bytes]


def parts(stream: Iterator[bytes], read: Callable[[int], None] = lambda _: None) -> Iterator[Statement | Rows]:
    """The dump's parts in order; `read` is told of each line's length. Raises EOFError when rows have no end."""
    pending = b""
    for line in stream:
        read(len(line))
        if not pending.strip():
            found = _COPY.match(line)
            if found:
                table = found[1].decode("utf-8", "replace")
                rows = _rows(stream, read, table)
                yield Rows(table, line, rows)
                for _ in rows:
                    pass
                pending = b""
                continue
            if line.startswith((b"\\", b"--")) or not line.strip():
                continue
        pending += line
        if line.rstrip().endswith(b";") and _is_whole(pending):
            yield Statement(pending)
            pending = b""
    if pending.strip():
        yield Statement(pending)


def _is_whole(text: bytes) -> bool:
    found = _WHOLE.match(text)
    return bool(found) and found.end() == len(text)  # type: ignore[union-attr]


def _rows(stream: Iterator[bytes], read: Callable[[int], None], table: str) -> Iterator[bytes]:
    for line in stream:
        read(len(line))
        if line.rstrip(b"\r\n") == b"\\.":
            return
        yield line
    raise EOFError(f"it ends among the rows of {table}")
