"""Splits a dump's SQL text into statements and blocks of rows, as psql does, without running what it alone understands.

psql itself would not do: where a table cannot be made it goes on to read the table's rows as SQL.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from steps.support.harness.errors import SnapshotError

LONGEST = 1 << 28  # bytes of a statement or a line: a quarter of what Postgres could take

_TOKEN = re.compile(
    rb"""--[^\n]* | (?P<open>/\* | [eE]' | ' | " | \$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$)
         | [();] | [\w\x80-\xff$]+""",
    re.X,
)
_ENDS = {b"/*": re.compile(rb".*?\*/", re.S), b"'": re.compile(rb"[^']*'"), b'"': re.compile(rb'[^"]*"')}
_ESCAPED = re.compile(rb"(?:[^'\\]|\\.)*'", re.S)  # how a string of E'' goes on
_ROUTINE = re.compile(rb"CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE)$")
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


@dataclass(frozen=True)
class Aside:
    """A line between statements that is none: a comment, or a command of psql's."""

    line: bytes


def parts(stream: IO[bytes], read: Callable[[int], None] = lambda _: None) -> Iterator[Statement | Rows | Aside]:
    """The dump's parts in order; `read` is told of each line's length. Raises EOFError when rows have no end."""
    pending: list[bytes] = []
    length, lexer = 0, _Lexer()
    for line in _lines(stream):
        read(len(line))
        if not pending:
            if found := _COPY.match(line):
                table = found[1].decode("utf-8", "replace")
                rows = _rows(stream, read, table)
                yield Rows(table, line, rows)
                for _ in rows:
                    pass
                continue
            if line.startswith((b"\\", b"--")):
                yield Aside(line)
                continue
            if not line.strip():
                continue
        pending.append(line)
        length += len(line)
        if length > LONGEST:
            raise SnapshotError("A statement in it never ends. Copy or dump it again, whole.")
        if lexer.ends(line):
            yield Statement(b"".join(pending))
            pending, length, lexer = [], 0, _Lexer()
    if pending:
        yield Statement(b"".join(pending))


class _Lexer:
    """Where in a statement we are: what would end an opened quotation, how deep in brackets and in BEGIN ATOMIC."""

    def __init__(self) -> None:
        self._end: re.Pattern[bytes] | None = None
        self._brackets = self._blocks = 0
        self._words: list[bytes] = []  # the first four
        self._last = b""

    def ends(self, line: bytes) -> bool:
        """Take one more line; whether the statement ends with it."""
        place = 0
        while place < len(line):
            if self._end:
                found = self._end.match(line, place)
                if not found:
                    return False
                self._end = None
            else:
                found = _TOKEN.search(line, place)
                if not found:
                    break
                self._take(found)
            place = found.end()
        return self._last == b";" and not (self._brackets or self._blocks)

    def _take(self, found: re.Match[bytes]) -> None:
        token = found[0]
        if opened := found["open"]:
            other = _ESCAPED if opened in (b"e'", b"E'") else re.compile(rb".*?" + re.escape(opened), re.S)
            self._end = _ENDS.get(opened, other)
        if token.startswith(b"--"):
            return
        self._last = token
        self._brackets += {b"(": 1, b")": -1}.get(token, 0)
        word = token.upper()
        if len(self._words) < 4:
            self._words.append(word)
        if any(_ROUTINE.match(b" ".join(self._words[:many])) for many in (2, 4)):
            # As psql counts: a body that is SQL itself has semicolons, and a CASE in it an END of its own.
            self._blocks += (word == b"BEGIN") + (word == b"CASE" and self._blocks > 0)
            self._blocks -= word == b"END" and self._blocks > 0


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: stream.readline(LONGEST), b"")


def _rows(stream: IO[bytes], read: Callable[[int], None], table: str) -> Iterator[bytes]:
    for line in _lines(stream):
        read(len(line))
        if line.rstrip(b"\r\n") == b"\\.":
            return
        yield line
    raise EOFError(f"it ends among the rows of {table}")
