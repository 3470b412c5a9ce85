import re

import pytest

from steps.support.harness.concurrency.blockers import KINDS
from steps.support.harness.report import catalogue
from steps.support.harness.vocabulary import Words
from steps.support.spec.deployment.rollout import DEEDS
from steps.support.spec.persistence.rows import AWKWARD_TEXTS
from steps.support.spec.starting_points import SHAPES
from tests.running import behave


def test_every_step_is_defined() -> None:
    dry = behave("--dry-run", "--format", "null")
    assert dry.returncode == 0, dry.stdout


def test_every_definition_is_used() -> None:
    usage = behave("--dry-run", "--format", "steps.usage").stdout
    assert re.search(r"^Feature|features/", usage, re.M), usage
    unused = re.search(r"^UNUSED STEP DEFINITIONS.*", usage, re.M | re.S)
    assert unused is None, unused and unused[0]


@pytest.mark.parametrize(
    "words", [KINDS, SHAPES, AWKWARD_TEXTS, DEEDS], ids=["kinds", "shapes", "awkward texts", "deeds"]
)
def test_a_closed_vocabulary_is_listed_and_a_wrong_word_gets_the_list(words: Words[object]) -> None:
    listed = catalogue.text(100)
    assert all(f"\n      {word}\n" in listed for word in words)
    assert words.phrase in {
        phrase for kinds in catalogue.phrases().values() for patterns in kinds.values() for phrase in patterns
    }
    with pytest.raises(AssertionError, match="«una palabra que no hay» no dice nada en «") as said:
        words["una palabra que no hay"]
    assert all(word in str(said.value) for word in words)
