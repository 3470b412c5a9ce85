"""Which scenarios are about the run's migration: those with its tag, and those with no migration's tag."""

from collections.abc import Collection
from typing import Any


class OfSubject:
    """behave's tag expression of a run, and besides that a scenario has no tag of `others`."""

    def __init__(self, others: Collection[str], asked: Any) -> None:
        self._others = {*others}
        self._asked = asked

    def about(self, tags: Collection[str]) -> bool:
        """Whether a scenario with these tags is about the subject."""
        return not self._others & {*tags}

    def check(self, tags: Collection[str]) -> bool:
        """Whether such a scenario is to run."""
        return self.about(tags) and bool(self._asked.check(tags))

    def __str__(self) -> str:
        return str(self._asked)
