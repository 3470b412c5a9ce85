import re

from steps.support.report import catalogue
from steps.support.vocabulary import declared
from tests.running import behave


def test_every_step_is_defined() -> None:
    dry = behave("--dry-run", "--format", "null")
    assert dry.returncode == 0, dry.stdout


def test_every_definition_is_used() -> None:
    usage = behave("--dry-run", "--format", "steps.usage").stdout
    assert re.search(r"^Feature|features/", usage, re.M), usage
    unused = re.search(r"^UNUSED STEP DEFINITIONS.*", usage, re.M | re.S)
    assert unused is None, unused and unused[0]


def test_every_closed_vocabulary_is_listed_below_its_phrase() -> None:
    listed = catalogue.text(100)
    known = {phrase for kinds in catalogue.phrases().values() for patterns in kinds.values() for phrase in patterns}
    assert len(declared) >= 12
    for words in declared:
        assert words.phrase in known
        assert f"  {words.phrase}\n      " + "\n      ".join(words.lines()) + "\n\n" in listed + "\n"
