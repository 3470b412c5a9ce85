"""Every sentence of README, CONTRIBUTING and docs says what it is, and every promise names what holds it."""

import re
from pathlib import Path

import pytest

from tests import promises

WRITTEN = promises.written()
LISTED = promises.classified(promises.LIST.read_text(encoding="utf-8"))
MISSING = "see python -m tests.promises"


@pytest.mark.parametrize("document", WRITTEN)
def test_every_sentence_is_classified_and_every_one_classified_stands(document: str) -> None:
    listed, there = LISTED[document], WRITTEN[document]
    assert [one for one in there if one not in listed] == [], MISSING
    assert [one for one in listed if one not in there] == [], MISSING


@pytest.mark.parametrize("document", WRITTEN)
def test_what_holds_a_sentence_is_there(document: str) -> None:
    unknown = {
        sentence: missing for sentence, names in LISTED[document].items() if (missing := promises.unknown(names))
    }
    assert unknown == {}


def test_most_of_what_is_said_is_held() -> None:
    told = {name: sentences for name, sentences in LISTED.items() if name != "CONTRIBUTING.md"}  # it is a how-to
    said = [names for sentences in told.values() for names in sentences.values()]
    held = [names for names in said if names[0] not in promises.NO_PROMISES]
    assert len(held) > 0.75 * len(said)


@pytest.mark.parametrize(
    "name",
    [
        "tests/test_gate.py::test_that_nobody_wrote",
        "tests/test_nowhere.py::test_help_lists_the_options_with_their_defaults_and_starts_nothing",
        "tests/conftest.py::server",
        "Un escenario que nadie escribió",
        "make coffee",
        "CI nowhere",
        "benchmarks/nothing.py",
        "",
        "a promise",
    ],
)
def test_a_check_that_is_not_there_is_found(name: str) -> None:
    assert promises.unknown([name]) == [name]


def test_what_is_no_promise_is_said_alone() -> None:
    assert promises.unknown(["how to"]) == []
    assert promises.unknown(["how to", "fact"]) == ["how to", "fact"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("One. Two **three.** Four?\nFive (six.) `seven` is\neight.", ["One.", "Two **three.**", "Four?", "Five (six.)",
                                                                       "`seven` is eight."]),
        ("# Title\n\n- First.\n- Second\n  goes on.\n\n1. Third.", ["First.", "Second goes on.", "Third."]),
        ("| a | b |\n|---|---|\n| c. D | e |\n| f | g |\nAfter.", ["| c. D | e |", "| f | g |", "After."]),
        ("Before:\n\n```\ncode. Code.\n```\n\n![picture](x.png)\n\nAfter.", ["Before:", "After."]),
        ("Version 1.5 is 2.0. It ends.", ["Version 1.5 is 2.0.", "It ends."]),
    ],
)  # fmt: skip
def test_a_text_is_taken_apart(text: str, found: list[str]) -> None:
    assert [*promises.sentences(text)] == found


def test_a_sentence_nobody_classified_fails() -> None:
    with pytest.raises(AssertionError, match="nothing is said of: It flies"):
        promises.classified("== README.md\nIt walks.\n    how to\nIt flies.\n")


def anchors(path: Path) -> set[str]:
    """The headings of a document as links name them."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("path", promises.documents(), ids=lambda path: path.name)
def test_every_link_of_the_docs_leads_somewhere(path: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)\s]+)\)", path.read_text(encoding="utf-8"))
    for link in links:
        file, _, anchor = link.partition("#")
        target = path.parent / file if file else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link
