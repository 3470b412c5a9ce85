"""How a step fails: by what was found."""

from collections.abc import Container, Iterable

from steps.support import spanish
from steps.support.finding import Finding, gravest_first


class Unmet(AssertionError):  # noqa: N818  the word a feature's reader would use
    """A check that does not hold: its findings, the gravest first; as text, a line each."""

    def __init__(self, findings: Iterable[Finding], own: Container[str] = ()) -> None:
        self.findings = gravest_first(findings, own)
        super().__init__("\n".join(spanish.lines(self.findings)))


def require(findings: Iterable[Finding], own: Container[str] = ()) -> None:
    """Raise Unmet when there is any finding; those about the migration's `own` names come first."""
    if found := list(findings):
        raise Unmet(found, own)
