"""Takes out of any text what no output may show: passwords, and the values of rows."""

import re

RULES = (
    (re.compile(r"((?<!\w)[\w.%+-]*):[^\s@/:][^\s@]*@"), r"\1:***@"),
    (re.compile(r"(password\s*=\s*|password\s+(?='))('[^']*'|\S+)", re.I), r"\1***"),
    # Postgres and SQLAlchemy quote the offending row; it may be a patient's. A value may hold brackets and lines: what
    # is hidden goes to the last place where the quotation can end, and to the end of the text where there is none.
    (re.compile(r"(Failing row contains) \((?:.*\)(?=\.$)|.*)", re.M | re.S), r"\1 (…)"),
    (
        re.compile(
            r"(Key \(.*?\))=\((?:.*\)(?= (?:already exists|is not present|is still referenced|is duplicated))|.*)", re.S
        ),
        r"\1=(…)",
    ),
    (re.compile(r"^\[parameters: (?:.*\]$|.*)", re.M | re.S), "[parameters: …]"),
)


def redacted(text: str) -> str:
    """The text without passwords and without the values of rows that Postgres quotes."""
    for pattern, replacement in RULES:
        text = pattern.sub(replacement, text)
    return text
