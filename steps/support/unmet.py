"""How a step fails: by what was found."""

from collections.abc import Iterable

from steps.support import spanish
from steps.support.finding import Finding


class Unmet(AssertionError):  # noqa: N818  the word a feature's reader would use
    """A check that does not hold: its findings, the gravest first; as text, a line each."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = sorted(findings, key=lambda one: one.kind.value)
        super().__init__("\n".join(spanish.lines(self.findings)))


def require(findings: Iterable[Finding]) -> None:
    """Raise Unmet when there is any finding."""
    if found := list(findings):
        raise Unmet(found)
