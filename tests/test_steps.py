import re

from tests.running import behave


def test_every_step_is_defined() -> None:
    dry = behave("--dry-run", "--format", "null")
    assert dry.returncode == 0, dry.stdout


def test_every_definition_is_used() -> None:
    usage = behave("--dry-run", "--format", "steps.usage").stdout
    assert re.search(r"^Feature|features/", usage, re.M), usage
    unused = re.search(r"^UNUSED STEP DEFINITIONS.*", usage, re.M | re.S)
    assert unused is None, unused and unused[0]
