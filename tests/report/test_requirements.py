"""Every scenario proves a requirement of the specification, and every requirement has a scenario."""

from pathlib import Path
from typing import Any

import pytest
from behave.model import Rule, ScenarioOutline
from behave.parser import parse_feature, parse_file

from steps.support.options import ROOT
from steps.support.product import PRODUCT
from steps.support.scenarios import subject_of
from steps.support.subject import Subject

FEATURES = [parse_file(str(path)) for path in sorted((ROOT / "features").rglob("*.feature"))]
TAGS = {requirement.tag for subject in PRODUCT.subjects for requirement in subject.requirements}


def untraced(features: list[Any]) -> list[str]:
    """Scenarios that carry no requirement's tag, or one that is of no requirement."""
    found = []
    for scenario in (one for feature in features for one in feature.walk_scenarios()):
        named = {str(tag) for tag in scenario.effective_tags if tag.startswith("req-")}
        found += [f"{scenario.location} {scenario.name}: no requirement"] * (not named)
        found += [f"{scenario.location} {scenario.name}: @{tag} is no requirement" for tag in sorted(named - TAGS)]
    return found


def carried(features: list[Any], subject: Subject | None = None) -> set[str]:
    """The tags of scenarios, of those about `subject` with one."""
    there = [one for feature in features for one in feature.walk_scenarios()]
    ours = [one for one in there if not subject or subject_of(one, PRODUCT.subjects) == subject]
    return {str(tag) for one in ours for tag in one.effective_tags}


def test_every_scenario_names_the_requirement_it_proves() -> None:
    assert untraced(FEATURES) == []


@pytest.mark.parametrize("subject", PRODUCT.subjects, ids=lambda one: one.name)
def test_every_requirement_has_a_scenario(subject: Subject) -> None:
    there = carried(FEATURES, subject)
    lacking = [one.text for one in subject.requirements if one.tag not in there]
    assert lacking == [], f"no scenario of {subject.name} proves them"


def test_tags_are_short_distinct_and_of_the_spec() -> None:
    assert all(tag.startswith("req-") for tag in TAGS)
    for subject in PRODUCT.subjects:
        assert len({one.tag for one in subject.requirements}) == len(subject.requirements)
        sections = [one.section for one in subject.requirements]
        assert sections == sorted(sections)


@pytest.mark.parametrize(
    ("tags", "said"),
    [("", "no requirement"), ("@smoke", "no requirement"), ("@req-nada", "@req-nada is no requirement")],
)
def test_the_check_bites(tags: str, said: str) -> None:
    text = f"Feature: f\n  {tags}\n  Scenario: s\n    Given x\n"
    assert [said in one for one in untraced([parse_feature(text)])] == [True]


def test_a_tag_counts_wherever_it_stands() -> None:
    text = "@req-datos\nFeature: f\n  Rule: r\n    Scenario: s\n      Given x\n"
    assert untraced([parse_feature(text)]) == []
    assert "req-datos" in carried([parse_feature(text)])


def unreadable(features: list[Any]) -> list[str]:
    """Outlines of several rows for one migration whose title needs a row, and that say no sentence for all."""
    found = []
    for outline in (one for feature in features for one in outlines(feature)):
        rows = [row.cells for examples in outline.examples for row in examples.table]
        scripts = [tuple(cell for cell in cells if cell.endswith(".sql")) for cells in rows]
        if "<" in outline.name and len(set(scripts)) < len(scripts):
            sentence = next(iter(outline.description), "")
            found += [f"{outline.location} {outline.name}"] * (not sentence or "<" in sentence)
    return found


def outlines(part: Any) -> list[Any]:
    return [
        one
        for item in part.run_items
        for one in ([item] if isinstance(item, ScenarioOutline) else outlines(item) if isinstance(item, Rule) else [])
    ]


def test_no_requirement_is_told_with_a_placeholder() -> None:
    assert unreadable(FEATURES) == []


def test_the_check_of_placeholders_bites() -> None:
    text = (
        "Feature: f\n  Scenario Outline: <a> x\n    Given <a>\n    Examples:\n      | a |\n      | 1 |\n      | 2 |\n"
    )
    assert len(unreadable([parse_feature(text)])) == 1
    told = text.replace("    Given", "    Todo da igual\n\n    Given")
    assert unreadable([parse_feature(told)]) == []


def test_every_scenario_has_a_then() -> None:
    for feature in FEATURES:
        for scenario in feature.walk_scenarios():
            assert any(step.step_type == "then" for step in scenario.steps), f"{scenario.location} proves nothing"


def test_features_are_found() -> None:
    assert len(FEATURES) == len(list(Path(ROOT / "features").rglob("*.feature"))) >= 6
