"""A dump's text comes apart as psql takes it apart, however its blocks fall."""

import io

import pytest

from steps.support.harness.errors import SnapshotError
from steps.support.harness.rehearsal import script
from steps.support.harness.rehearsal.script import Aside, Rows, Statement

STATEMENTS = [
    "SET x = 1;\n",
    "CREATE FUNCTION f() RETURNS void LANGUAGE sql\nBEGIN ATOMIC\n DELETE FROM t;\n"
    " SELECT CASE WHEN true THEN 1 END;\nEND;\n",
    "CREATE OR REPLACE PROCEDURE g(a text DEFAULT 'x;\n;') LANGUAGE plpgsql AS $_$ BEGIN x;\n $$ y;\nEND; $_$;\n",
    "CREATE RULE r AS ON INSERT TO t DO INSTEAD ( INSERT INTO u VALUES (1);\n DELETE FROM u;\n);\n",
    "CREATE TABLE \"a;\nb\" (x int DEFAULT E'\\';\n');  -- done;\n",
    "SELECT 'a''b;\n', date'2026-01-01', a$b$;\n",
    "/* x;\n*/ SELECT 1;\n",
    "BEGIN;\n",
    "SELECT (1;\n",
]
ROWS = "1\t\\N\n\\.x\n;\\.\n" + "x" * 9 + "\n"
TEXT = (
    "-- hi\n" + "".join(STATEMENTS[:-1]) + "COPY t (x) FROM stdin;\n" + ROWS + "\\.\n\n\\connect x\n" + STATEMENTS[-1]
)


@pytest.mark.parametrize("block", [1, 2, 3, 5, 7, 64, 1 << 17])
def test_statements_and_rows(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "BLOCK", block)
    read: list[int] = []
    found: list[str] = []
    for part in script.parts(io.BytesIO(TEXT.encode()), read.append):
        match part:
            case Statement():
                found.append(part.sql.decode())
            case Rows():
                found.append(part.table + ":" + b"".join(part.blocks).decode())
            case Aside():
                found.append(part.line.decode())
    assert found == ["-- hi\n", *STATEMENTS[:-1], "t:" + ROWS, "\\connect x\n", STATEMENTS[-1]]
    assert sum(read) == len(TEXT.encode())


@pytest.mark.parametrize("block", [1, 1 << 17])
def test_rows_without_an_end(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "BLOCK", block)
    for text in ("1\n", "", "1\n\\", "1\\."):
        with pytest.raises(EOFError, match="among the rows of t"):
            list(script.parts(io.BytesIO(f"COPY t (x) FROM stdin;\n{text}".encode())))
    (rows,) = script.parts(io.BytesIO(b"COPY t (x) FROM stdin;\n\\."))
    assert isinstance(rows, Rows)


def test_a_statement_that_never_ends_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "LONGEST", 1000)
    for text in (b"SELECT '" + b"x;\n" * 1000, b"SELECT '" + b"x" * 1_000_000):
        with pytest.raises(SnapshotError, match="A statement in it never ends"):
            list(script.parts(io.BytesIO(text)))
