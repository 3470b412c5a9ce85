"""Takes out of any text what nobody may read in an output: passwords, and the values of rows."""

import re

RULES = (
    (re.compile(r"(://[^\s:/@]*):[^\s@]+@"), r"\1:***@"),
    (re.compile(r"(password\s*=\s*)('[^']*'|\S+)", re.I), r"\1***"),
    # Postgres and SQLAlchemy quote the offending row; it may be anybody's.
    (re.compile(r"(Failing row contains) \(.*\)"), r"\1 (…)"),
    (re.compile(r"(Key \([^)]*\))=\(.*?\)(?= |$)", re.M), r"\1=(…)"),
    (re.compile(r"^\[parameters: .*\]$", re.M), "[parameters: …]"),
)


def redacted(text: str) -> str:
    """The text without passwords and without the values of rows that Postgres quotes."""
    for pattern, replacement in RULES:
        text = pattern.sub(replacement, text)
    return text
