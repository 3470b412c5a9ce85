"""What README and docs promise: the sentences that do, read from the pages themselves."""

import re
from pathlib import Path

from steps.support.harness.options import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
# By such words a sentence says that something always is so, never is, or is so much. What has none only explains.
PROMISING = re.compile(
    r"\b(?:never|nothing|nobody|no|not|none|without|cannot|always|every|each|all|any|only|alone|exactly|same|at most|"
    r"refuse[sd]?|keeps?|whole|safe|"
    r"nunca|nada|nadie|ning[uú]n[ao]?|sin|siempre|cada|tod[ao]s?|solo|solamente|exactamente|mism[ao]s?|a lo sumo|"
    r"rechaza|ni)\b"
    r"|\d+ ?(?:ms|s|seconds|times|kB|lines)\b",
    re.I,
)


def sentences(page: Path) -> list[str]:
    """The sentences and table rows of a page, on one line each; code and headings left out."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.S | re.M)
    found = []
    for block in re.split(r"\n\s*\n", text):
        lines = [line.strip() for line in block.strip().splitlines()]
        if not lines or lines[0].startswith(("#", "![")):
            continue
        if lines[0].startswith("|"):
            found += [" ".join(line.split()) for line in lines if not set(line) <= set("|-: ")][1:]
            continue
        items = re.split(r"(?:^|\n)(?:[-*]|\d+\.) ", "\n".join(lines))
        for item in items:
            found += re.split(r"(?<=[.:?!])\s+(?=[A-ZÁÉÍÓÚ¿`*\[(])", " ".join(item.split()))
    return [one for one in found if one]


def promises(page: Path) -> list[str]:
    """Those of them that promise something."""
    return [one for one in sentences(page) if PROMISING.search(one)]
