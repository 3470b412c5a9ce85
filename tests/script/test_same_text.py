"""What stands in several scripts is the same text in each."""

import pytest

from tests.script.shapes import UP

SCRIPTS = sorted(UP.parent.glob("0[1-9]_*.sql"))
WAITS = ("    -- 2. Wait for the lock", "\n  END LOOP;\n")
TRIES = ("  -- 2. Try for the lock", "    EXCEPTION WHEN lock_not_available")


def paragraphs(marks: tuple[str, str]) -> dict[str, str]:
    """By script, the text from the one mark to the other."""
    begin, end = marks
    texts = {script.name: script.read_text(encoding="utf-8") for script in SCRIPTS}
    return {name: text[text.index(begin) : text.index(end)] for name, text in texts.items() if begin in text}


@pytest.mark.parametrize("marks", [WAITS, TRIES], ids=["waits", "tries"])
def test_the_paragraph_is_one_text(marks: tuple[str, str]) -> None:
    found = paragraphs(marks)
    assert len(found) > 1, found.keys()
    assert len(set(found.values())) == 1, found.keys()


def test_every_script_that_locks_has_one_of_them() -> None:
    locking = {script.name for script in SCRIPTS if "EXECUTE statement" in script.read_text(encoding="utf-8")}
    assert locking == set(paragraphs(WAITS)) | set(paragraphs(TRIES))
