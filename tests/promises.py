"""What README, CONTRIBUTING and docs say, sentence by sentence, and what holds each: `tests/promises.txt`.

`python -m tests.promises` says what is left to classify; with --renew it puts that into the list, with what held the
sentence most like it and stands no more behind a question mark, for somebody to confirm or correct.
"""

import ast
import difflib
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from behave.parser import parse_file

from steps.support.harness import output
from steps.support.harness.options import ROOT

LIST = ROOT / "tests" / "promises.txt"
# What a sentence is that nothing can hold: it tells what to do, what something is or why, or what others have made so.
NO_PROMISES = ("how to", "what it is", "why", "fact")
MARGIN = "    "

_CODE = re.compile(r"^ *(```|~~~).*?^ *\1\s*$", re.M | re.S)
_TABLE_HEAD = re.compile(r"^\|.*\n\|[-| :]+\|$", re.M)
_ITEM = re.compile(r"^(?:[-*]|\d+\.) ", re.M)
# A sentence ends in a full stop, with what closes it, before whatever may begin one.
_END = re.compile(r"""(?<=[.?!])((?:\*\*|[)»`])*)\s+(?=[A-ZÁÉÍÓÚÑ¿¡«"`*(\[]|\d)""")


def documents() -> list[Path]:
    """The documents, README first."""
    return [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def sentences(text: str) -> Iterator[str]:
    """The sentences of a document outside code, headings and pictures; a row of a table is one."""
    text = _TABLE_HEAD.sub("", _CODE.sub("\n", text))
    for lines in re.split(r"\n\s*\n|\n(?=\||(?:[-*]|\d+\.) )|(?<=\|)\n", text):
        block = " ".join(lines.split())
        if not block or block.startswith(("#", "![")):
            continue
        if block.startswith("|"):
            yield block
        else:
            yield from re.sub(_END, r"\1\n", _ITEM.sub("", block)).split("\n")


def written() -> dict[str, list[str]]:
    """The sentences there are, by document."""
    return {path.relative_to(ROOT).as_posix(): list(sentences(path.read_text("utf-8"))) for path in documents()}


def classified(text: str) -> dict[str, dict[str, list[str]]]:
    """What the list says holds each sentence, by document: the names of checks, or one of `NO_PROMISES`.

    A document's part begins with `== NAME`; an indented line says it of all the sentences above it.
    """
    found: dict[str, dict[str, list[str]]] = {}
    waiting: list[str] = []
    document: dict[str, list[str]] = {}
    for line in text.splitlines():
        if line.startswith("== "):
            document = found.setdefault(line.removeprefix("== "), {})
        elif line.startswith(MARGIN):
            names = [one.strip() for one in line.split(";")]
            document.update(dict.fromkeys(waiting, names))
            waiting = []
        elif line.strip():
            waiting.append(line)
    assert not waiting, f"nothing is said of: {waiting[0]}"
    return found


def unknown(names: list[str]) -> list[str]:
    """Of what is said to hold a sentence, what there is not."""
    if len(names) == 1 and names[0] in NO_PROMISES:
        return []
    return [name for name in names if not _exists(name)]


def _exists(name: str) -> bool:
    file, _, what = name.partition("::")
    if file.startswith("tests/"):
        return what in _tests(file)
    if name.startswith("make "):
        return name.removeprefix("make ") in _targets()
    if name.startswith("benchmarks/"):
        return (ROOT / name).is_file()
    if name.startswith("CI "):
        return name.removeprefix("CI ") in _jobs()
    return name in _titles()


@cache
def _tests(file: str) -> set[str]:
    path = ROOT / file
    if not path.is_file() or not path.name.startswith("test_"):
        return set()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


@cache
def _targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M))


@cache
def _jobs() -> set[str]:
    text = (ROOT / ".github" / "workflows" / "acceptance.yml").read_text(encoding="utf-8")
    return set(re.findall(r"^  ([a-z0-9-]+):$", text.partition("\njobs:")[2], re.M))


@cache
def _titles() -> set[str]:
    """Titles of features, rules, scenarios and outlines, as they are written."""
    titles = set()
    for path in (ROOT / "features").glob("*.feature"):
        feature = parse_file(str(path))
        titles |= {feature.name, *(rule.name for rule in feature.rules)}
        titles |= {one.name for one in feature.walk_scenarios(with_outlines=True)}
    return titles


def likest(sentence: str, gone: dict[str, list[str]]) -> list[str]:
    """What held the sentence most like this one that stands nowhere any more, each to be confirmed."""
    found = difflib.get_close_matches(sentence, gone, 1, 0.4)
    return [f"? {name}" for name in (gone[found[0]] if found else [""])]


def renewed() -> str:
    """The list in the order of the documents; what holds a new sentence is a guess, behind a question mark."""
    listed = classified(LIST.read_text(encoding="utf-8"))
    lines = []
    for name, there in written().items():
        known = listed.get(name, {})
        gone = {sentence: names for sentence, names in known.items() if sentence not in there}
        lines.append(f"== {name}")
        for sentence in there:
            held = MARGIN + "; ".join(known.get(sentence) or likest(sentence, gone))
            if lines[-1] == held:
                lines.pop()
            lines += [sentence, held]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    """Print what is left to do, and with --renew write it into the list; 0 when nothing is."""
    if "--renew" in sys.argv:
        LIST.write_text(renewed(), encoding="utf-8")
    output.prepare()
    listed = classified(LIST.read_text(encoding="utf-8"))
    left = 0
    for name, there in written().items():
        known = listed.get(name, {})
        new = [one for one in there if one not in known]
        old = [one for one in known if one not in there]
        wrong = [f"{missing[0]}: {one}" for one in known if (missing := unknown(known[one]))]
        left += len(new) + len(old) + len(wrong)
        headings = ("to be classified", "stand there no more", "held by what there is not")
        for heading, found in zip(headings, (new, old, wrong), strict=True):
            if found:
                print(f"== {name}: {heading}", *found, "", sep="\n")
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main())
