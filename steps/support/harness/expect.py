"""How a step fails: what was looked at, what was expected and what was there, in Spanish."""

from collections.abc import Sequence


def equal(subject: str, expected: object, obtained: object) -> None:
    """Fail unless both are equal; `subject` is a sentence that says what is not as it should be."""
    if expected != obtained:
        raise AssertionError(f"{subject}\n  esperado: {shown(expected)}\n  obtenido: {shown(obtained)}")


def nothing(subject: str, found: Sequence[str]) -> None:
    """Fail when anything was found; each finding is a line (or more) of its own."""
    if found:
        findings = "\n".join("  " + finding.replace("\n", "\n  ") for finding in found)
        raise AssertionError(f"{subject}\n{findings}")


def true(subject: str, holds: bool, obtained: object) -> None:
    """Fail unless `holds`; for what has no single expected value."""
    if not holds:
        raise AssertionError(f"{subject}\n  obtenido: {shown(obtained)}")


def shown(value: object, most: int = 300) -> str:
    """A value as a failure shows it: NULL for None, quotes around text, long text cut in the middle."""
    if value is None:
        return "NULL"
    if not isinstance(value, str):
        return str(value)
    quoted = repr(value)
    return quoted if len(quoted) <= most else f"{quoted[: most // 2]} … {quoted[-40:]} ({len(value)} caracteres)"
