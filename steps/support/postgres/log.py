"""What a server's log says of some databases, without what may quote a row."""

import re
from collections.abc import Set

# DETAIL, STATEMENT and CONTEXT quote rows and statements; what happened is in the line before them.
_LINE = re.compile(r"^\S+ \S+ \S+ (?P<database>\S*) (?P<rest>(?P<severity>[A-ZÁÉÍÓÚ]+): .*)$")
_QUOTING = {"DETAIL", "STATEMENT", "CONTEXT", "QUERY"}
LAST = 20


def of_databases(log: str, names: Set[str]) -> str:
    """The last lines about those databases, of a log whose log_line_prefix is '%m %d '."""
    kept: list[str] = []
    ours = False
    for line in log.splitlines():
        if found := _LINE.match(line):
            ours = found["database"] in names and found["severity"] not in _QUOTING
            kept += [found["rest"]] * ours
        elif ours and line.startswith("\t"):
            kept.append(line.rstrip())
    return "\n".join(kept[-LAST:])
