"""What stands in several scripts is the same text in each."""

from tests.script.shapes import UP

SCRIPTS = [path.read_text(encoding="utf-8") for path in sorted(UP.parent.glob("0[1-9]_*.sql"))]
PARAGRAPHS = {  # from here to there
    "    -- 2. Wait for the lock": "\n  END LOOP;\n",
    "  -- 2. Try for the lock": "    EXCEPTION WHEN lock_not_available",
}


def test_every_script_that_locks_has_one_of_two_paragraphs_and_each_is_one_text() -> None:
    found = [text[text.index(a) : text.index(z)] for text in SCRIPTS for a, z in PARAGRAPHS.items() if a in text]
    assert len(found) == sum("EXECUTE statement" in text for text in SCRIPTS) > len(PARAGRAPHS)
    assert len(set(found)) == len(PARAGRAPHS)
