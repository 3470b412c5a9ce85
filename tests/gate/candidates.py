"""The scripts the gate judges. `correct/<migration>/` has the correct ones; `defects.txt` edits them into defects.

A defect there is its name and the gravest finding of one refusal, then the scenarios that refuse it, then its edits of
the script that the last line with `==` names: `old ==> new`, or a statement to add at the end of the block.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
WAITS = "waits_with_nowait"  # the one correct script that waits for the lock as ours does


@dataclass(frozen=True)
class Candidate:
    """A script to judge in the place of a migration; a correct one is refused by no scenario."""

    name: str
    migration: str
    text: str
    refused_by: tuple[str, ...] = ()
    saying: str = ""

    def file(self, folder: Path) -> Path:
        """The script as a file in that folder, as `-D migration` takes it."""
        path = folder / f"{self.name}.sql"
        path.write_text(self.text, encoding="utf-8")
        return path


def correct() -> list[Candidate]:
    return [Candidate(path.stem, path.parent.name, path.read_text()) for path in sorted(HERE.glob("correct/*/*.sql"))]


def defects() -> list[Candidate]:
    return list(_read((HERE / "defects.txt").read_text(encoding="utf-8")))


def defect(name: str) -> Candidate:
    """The defect of that name; raises StopIteration when there is none."""
    return next(one for one in defects() if one.name == name)


def _read(table: str) -> Iterator[Candidate]:
    for section in re.split(r"^== ", table, flags=re.M)[1:]:
        over, *entries = section.strip().split("\n\n")
        script = (HERE / "correct" / over).read_text(encoding="utf-8")
        for entry in entries:
            head, scenarios, *edits = entry.splitlines()
            name, saying = head.split(" says ")
            text = edited(script, edits)
            yield Candidate(name, Path(over).parent.name, text, tuple(scenarios.strip().split("; ")), saying)


def edited(script: str, edits: list[str]) -> str:
    for edit in edits:
        old, replaces, new = edit.strip().partition(" ==>")
        if replaces:
            assert old in script, f"{old!r} is not in the script"
            script = script.replace(old, new.strip())
        else:
            block, end, rest = script.rpartition("END $$;")
            script = f"{block}{edit}\n{end}{rest}"
    return script
