"""Scenarios written wrong fail, each in a sentence for whoever wrote it: none passes, none breaks on an exception."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from behave.runner import the_step_registry as registry

from steps.support.options import ROOT
from steps.support.postgres.server import Server
from steps.support.product import META_ADS
from tests.gate.judging import Verdict, judge, written
from tests.running import address

WRONG = "lo que nadie dijo"
Lines = list[str]
Written = Callable[[str, list[tuple[str, Lines]]], Verdict]


@pytest.fixture
def run(server: Server) -> Written:
    """Runs scenarios of those titles and lines, in a feature of that name."""

    def judged(name: str, scenarios: list[tuple[str, Lines]]) -> Verdict:
        folder = ROOT / "build" / "wrong_words"  # under the root, for there behave finds the steps
        folder.mkdir(parents=True, exist_ok=True)
        file = Path(folder, f"{name}.feature")
        text = [f"@{META_ADS.tag}", "Feature: Mal escrito"]
        for title, lines in scenarios:
            text += [f"  Scenario: {title}", *(f"    {line}" for line in lines)]
        file.write_text("\n".join(text) + "\n", encoding="utf-8")
        return judge(META_ADS.script, META_ADS.script.stem, address(server), features=[str(file)])

    return judged


def lines(step: Any, name: str = "", headings: Lines | None = None) -> Lines:
    """A step as a feature has it, or with another text, or with other headings."""
    rows = [headings or step.table.headings, *(row.cells for row in step.table)] if step.table else []
    cells = ["  | " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return [f"{step.step_type.capitalize()} {name or step.name}", *cells]


def scenarios() -> list[Any]:
    return [one for one in written() if not {"citus"} & {*one.effective_tags}]


def with_a_wrong_word() -> Iterator[tuple[str, Lines]]:
    """Of every parameter of every phrase one scenario in which it is a word nobody defined."""
    seen = set()
    for scenario in scenarios():
        steps = list(scenario.all_steps)
        for step in steps:
            match = registry.find_match(step)
            for argument in match.arguments:
                key = match.func.__name__, argument.name
                if key in seen or not isinstance(argument.value, str):
                    continue
                seen.add(key)
                changed = step.name[: argument.start] + WRONG + step.name[argument.end :]
                yield (
                    f"{len(seen)} {step.name}: <{argument.name}>",
                    [line for one in steps for line in lines(one, changed if one is step else "")],
                )


def with_wrong_headings() -> Iterator[tuple[str, Lines]]:
    for scenario in scenarios():
        steps = list(scenario.all_steps)
        for step in steps:
            if step.table:
                for headings in ([WRONG, *step.table.headings[1:]], None):
                    yield (
                        f"{step.name}: {headings}",
                        [
                            line
                            for one in steps
                            for line in (lines(one, "", headings) if headings or one is not step else lines(one)[:1])
                        ],
                    )


def without_given() -> Iterator[tuple[str, Lines]]:
    for number, scenario in enumerate(scenarios(), start=1):
        kept = [step for step in scenario.all_steps if step.step_type != "given"]
        yield f"{number} {scenario.name}", [line for step in kept for line in lines(step)]


# What a scenario may call as it likes: no other word of it has to be the same.
FREE = ["value", "value", "other"]


def test_a_wrong_word_gets_a_sentence(run: Written) -> None:
    said = run("a_wrong_word", list(with_a_wrong_word()))
    assert len(said.ran) > 90
    assert {title: said.failed[title] for title in said.broken} == {}
    passed = [title for title in said.ran if title not in said.failed]
    assert [title.rpartition(": <")[2].rstrip(">") for title in passed] == FREE, passed
    listed = [line for line in said.failed.values() if WRONG in line and ("Puede ser: " in line or "Se puede" in line)]
    assert len(listed) > 70
    assert [line for line in listed if "\n" in line] == []


def test_wrong_headings_get_the_right_ones(run: Written) -> None:
    said = run("wrong_headings", list(with_wrong_headings()))
    assert len(said.ran) >= 4
    assert set(said.failed) == set(said.ran)
    assert [
        line for line in said.failed.values() if not re.match(r"Bajo «.*» va una tabla \| .* \|, y hay ", line)
    ] == []


def test_no_scenario_passes_without_its_given(run: Written) -> None:
    said = run("without_given", list(without_given()))
    assert len(said.ran) > 140
    assert {title: said.failed[title] for title in said.broken} == {}
    assert [title for title in said.ran if title not in said.failed] == []
    assert [line for line in said.failed.values() if "\n" in line or not line.endswith(".")] == []
