"""Splits a dump's SQL text into statements and blocks of rows, as psql does, without running what it alone understands.

psql itself would not do: where a table cannot be made it goes on to read the table's rows as SQL.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import IO

from steps.support.harness.errors import SnapshotError

LONGEST = 1 << 28  # bytes of a statement or a line: a quarter of what Postgres could take
BLOCK = 1 << 17

_TOKEN = re.compile(
    rb"""--[^\n]* | (?P<open>/\* | [eE]' | ' | " | \$(?:[A-Za-z_\x80-\xff][\w\x80-\xff]*)?\$)
         | [();] | [\w\x80-\xff$]+""",
    re.X,
)
_ENDS = {b"/*": re.compile(rb".*?\*/", re.S), b"'": re.compile(rb"[^']*'"), b'"': re.compile(rb'[^"]*"')}
_ESCAPED = re.compile(rb"(?:[^'\\]|\\.)*'", re.S)  # how a string of E'' goes on
_ROUTINE = re.compile(rb"CREATE (?:OR REPLACE )?(?:FUNCTION|PROCEDURE)$")
_END_OF_ROWS, _LONGEST_END = re.compile(rb"\n\\\.\r?\n"), 4
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
    """The rows of one table: the COPY statement, and its lines in blocks. What is not taken of them is passed over."""

    table: str
    copy: bytes
    blocks: Iterator[bytes]


@dataclass(frozen=True)
class Aside:
    """A line between statements that is none: a comment, or a command of psql's."""

    line: bytes


def parts(stream: IO[bytes], read: Callable[[int], None] = lambda _: None) -> Iterator[Statement | Rows | Aside]:
    """The dump's parts in order; `read` is told of the lengths read. Raises EOFError when rows have no end."""
    pending: list[bytes] = []
    length, lexer = 0, _Lexer()
    source = _Source(stream, read)
    while line := source.line():
        if not pending:
            if found := _COPY.match(line):
                table = found[1].decode("utf-8", "replace")
                rows = source.rows(table)
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


class _Source:
    """A text by lines, and by blocks where it is rows: those are most of it, and nothing in them is looked at."""

    def __init__(self, stream: IO[bytes], read: Callable[[int], None]) -> None:
        self._stream, self._read = stream, read
        self._buffer, self._place = b"", 0

    def line(self) -> bytes:
        """The next line, with its end; none at the end of the text."""
        searched = self._place
        while (end := self._buffer.find(b"\n", searched) + 1) == 0:
            searched = len(self._buffer) - self._place
            if searched > LONGEST or not self._more():
                end = len(self._buffer)
                break
        line, self._place = self._buffer[self._place : end], end
        return line

    def rows(self, table: str) -> Iterator[bytes]:
        """Blocks of whole and half lines up to the line that ends them. Raises EOFError when there is none."""
        buffer, skipped = (
            b"\n" + self._buffer[self._place :],
            1,
        )  # a line end of ours, so that every line has one before
        while not (found := _END_OF_ROWS.search(buffer)):
            if len(buffer) > skipped + _LONGEST_END:
                # The end may have been cut in two: what may be of it stays.
                yield buffer[skipped:-_LONGEST_END]
                buffer, skipped = buffer[-_LONGEST_END:], 0
            self._buffer, self._place = b"", 0
            if not self._more():
                if buffer.endswith(b"\n\\."):
                    return
                raise EOFError(f"it ends among the rows of {table}")
            buffer += self._buffer
        self._buffer, self._place = buffer, found.end()
        if block := buffer[skipped : found.start() + 1]:
            yield block

    def _more(self) -> bool:
        data = self._stream.read(BLOCK)
        self._read(len(data))
        self._buffer, self._place = self._buffer[self._place :] + data, 0
        return bool(data)


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
