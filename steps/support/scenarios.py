"""Which migration a scenario is about."""

from collections.abc import Sequence
from typing import Any

from steps.support.subject import Subject


class NoSubjectError(LookupError):
    """A scenario names no migration, or several: one line that says where, and what to write."""


def subject_of(scenario: Any, subjects: Sequence[Subject]) -> Subject:
    """The subject whose script a step of behave's `scenario` names, or else a tag; raises NoSubjectError."""
    steps = " ".join(step.name for step in scenario.all_steps)
    named = [one for one in subjects if f"'{one.script.name}'" in steps]
    found = named or [one for one in subjects if one.tag in scenario.effective_tags]
    if len(found) != 1:
        tags = ", ".join(f"@{one.tag}" for one in subjects)
        which = "several migrations" if found else "no migration"
        raise NoSubjectError(
            f"{scenario.location}: the scenario is about {which}. Name one script in its steps, or tag it: {tags}."
        )
    return found[0]
