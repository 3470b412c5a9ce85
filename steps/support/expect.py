"""How a step fails: what was looked at, what was expected and what was there, in Spanish."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Comparison:
    """Two values side by side; `expected` is empty where a check has no single expected value."""

    obtained: str
    expected: str = ""
    what: str = ""

    def lines(self) -> list[str]:
        """As text, indented below a sentence."""
        margin = "    " if self.what else "  "
        lines = [f"  {self.what}"] * bool(self.what)
        lines += [f"{margin}esperado: {self.expected}"] * bool(self.expected)
        return [*lines, f"{margin}obtenido: {self.obtained}"]


class UnmetError(AssertionError):
    """A check that does not hold: a sentence, what was compared, what was found.

    `deviations` says, by column, what one is like that a specification asks otherwise: what else fails in the run
    and names that column fails because of it.
    """

    def __init__(
        self,
        subject: str,
        comparisons: Sequence[Comparison] = (),
        findings: Sequence[str] = (),
        deviations: Mapping[str, str] | None = None,
    ) -> None:
        lines = [line for one in comparisons for line in one.lines()]
        found = ["  " + finding.replace("\n", "\n  ") for finding in findings]
        super().__init__("\n".join([subject, *lines, *found]))
        self.subject = subject
        self.comparisons = tuple(comparisons)
        self.findings = tuple(findings)
        self.deviations = dict(deviations or {})


def equal(subject: str, expected: object, obtained: object, deviations: Mapping[str, str] | None = None) -> None:
    """Fail unless both are equal; `subject` is a sentence that says what is not as it should be."""
    if expected != obtained:
        raise UnmetError(subject, [Comparison(shown(obtained), shown(expected))], deviations=deviations)


def same_words(subject: str, expected: str, obtained: str) -> None:
    """Fail unless both say the same: what is told of something in words, and is no value to quote."""
    all_equal(subject, [Comparison(obtained, expected)] * (expected != obtained))


def all_equal(subject: str, compared: Sequence[Comparison], deviations: Mapping[str, str] | None = None) -> None:
    """Fail when any was `compared` that is not as expected."""
    if compared:
        raise UnmetError(subject, compared, deviations=deviations)


def nothing(subject: str, found: Sequence[str], deviations: Mapping[str, str] | None = None) -> None:
    """Fail when anything was found; each finding is a line (or more) of its own."""
    if found:
        raise UnmetError(subject, findings=found, deviations=deviations)


def true(subject: str, holds: bool, obtained: object, deviations: Mapping[str, str] | None = None) -> None:
    """Fail unless `holds`; for what has no single expected value."""
    if not holds:
        said = obtained if isinstance(obtained, str) else shown(obtained)  # what was found, in words: no value to quote
        raise UnmetError(subject, [Comparison(said)], deviations=deviations)


def shown(value: object, most: int = 300) -> str:
    """A value as a failure shows it: 'en blanco' for None, quotes around text, long text cut in the middle."""
    if value is None:
        return "en blanco"
    if not isinstance(value, str):
        return str(value)
    quoted = repr(value)
    return quoted if len(quoted) <= most else f"{quoted[: most // 2]} … {quoted[-40:]} ({len(value)} caracteres)"
