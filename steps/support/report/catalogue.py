"""The phrases scenarios are made of, with what each means: `make steps`."""

import difflib
import re
import shutil
import sys
import textwrap
from collections import defaultdict
from pathlib import Path

from behave.runner import the_step_registry as registry  # behave.step_registry's own is replaced by an empty one
from behave.runner_util import load_step_modules

from steps.support import output, vocabulary
from steps.support.options import ROOT

TITLES = {"given": "Given: de dónde se parte", "when": "When: qué se hace", "then": "Then: qué debe cumplirse"}
_PARAMETER = re.compile(r"\{(\w+)(?::\w+)?\}")


def phrases(folder: Path = ROOT / "steps") -> dict[str, dict[str, list[str]]]:
    """The phrases by step type and by meaning; phrases of one meaning stand together. Loads the step files."""
    if not any(registry.steps.values()):
        load_step_modules([str(folder)])
    found: dict[str, dict[str, list[str]]] = {kind: defaultdict(list) for kind in TITLES}
    for kind, matchers in registry.steps.items():
        for matcher in matchers:
            meaning = " ".join((matcher.func.__doc__ or "").split())
            for each in TITLES if kind == "step" else [kind]:
                found[each][meaning].append(_PARAMETER.sub(r"<\1>", matcher.pattern))
    return found


def like(step: str, kind: str, most: int = 3) -> list[str]:
    """The phrases of a step type most like one that nobody defined, the likest first."""
    known = [pattern for patterns in phrases()[kind].values() for pattern in patterns]
    return difflib.get_close_matches(step, known, most)


def text(width: int) -> str:
    """The catalogue, wrapped at `width`."""
    lines: list[str] = []
    for kind, meanings in phrases().items():
        lines += [TITLES[kind], ""]
        for meaning, patterns in sorted(meanings.items(), key=lambda item: item[1]):
            lines += [f"  {pattern}" for pattern in patterns]
            lines += [*textwrap.wrap(meaning, width, initial_indent="      ", subsequent_indent="      "), ""]
    lines += ["Palabras: lo que se puede decir donde una frase no admite cualquier cosa", ""]
    for words in vocabulary.declared:
        lines += [f"  {words.phrase}", *(f"      {line}" for line in words.lines()), ""]
    return "\n".join(lines)


if __name__ == "__main__":
    output.prepare()
    print(text(min(shutil.get_terminal_size().columns, 100)), file=sys.stdout)
