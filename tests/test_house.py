"""The house's own rules that no linter knows."""

import re
from pathlib import Path

import pytest
from behave.parser import parse_file

from steps.support import spanish
from steps.support.finding import Finding, Kind, Rows
from steps.support.options import ROOT
from steps.support.product import PRODUCT
from tests.running import behave

SUPPORT = ROOT / "steps" / "support"
# What only this product has.
ITS_OWN = {"product.py", "tenant_isolation.py", "yesterday.py"}
NAMES = {
    *(table for one in PRODUCT.subjects for table in (one.table, *one.also, one.tag)),
    *(column for one in PRODUCT.subjects for column in one.columns),
    "appointments",
    "Patient",
} - {"tenants"}  # fmt: skip  also the general word
FEATURES = sorted((ROOT / "features").rglob("*.feature"))
BUSINESS = re.compile(r"\b(SQL|ALTER|psycopg2|asyncpg|Alembic|esquema|standby|NULL|\w+\.sql)\b", re.IGNORECASE)


def test_nothing_else_in_support_names_a_table_a_column_or_a_script_of_the_product() -> None:
    files = [path for path in SUPPORT.rglob("*.*") if path.suffix in (".py", ".sql", ".j2")]
    general = [path for path in files if path.name not in ITS_OWN and not {"seeds", "tenancy"} & {*path.parts}]
    word = re.compile(r"\b(" + "|".join(map(re.escape, sorted(NAMES))) + r")\b(?!')")
    found = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for path in general
        for line in path.read_text(encoding="utf-8").splitlines()
        if word.search(_code(line, path))
    ]
    assert not found


def test_our_own_prose_is_parsed_nowhere() -> None:
    heads = [head.split() for head, _ in spanish.SAID.values()]
    phrases = {" ".join(words[at : at + 4]) for words in heads for at in range(len(words) - 3)}
    phrases = {phrase for phrase in phrases if "{" not in phrase}
    found = [
        f"{path.relative_to(ROOT)}: {phrase}"
        for path in SUPPORT.rglob("*.py")
        for phrase in phrases
        if path.name != "spanish.py" and phrase in path.read_text(encoding="utf-8")
    ]
    assert not found


def test_a_revision_knows_no_model() -> None:
    revisions = [path for path in (ROOT / "migrations").rglob("*.py") if path.name != "env.py"]
    assert revisions
    assert not [path.name for path in revisions if "orchestrator_service" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize("kind", Kind)
def test_every_finding_has_its_words(kind: Kind) -> None:
    said = spanish.sentence(Finding(kind, "patients", "notes", Rows(2, ("id 1", "id 2")), Rows(2), "index"))
    assert said
    assert "{" not in said


@pytest.mark.parametrize("feature", FEATURES, ids=lambda path: path.stem)
def test_a_title_is_in_business_words_and_a_scenario_is_short(feature: Path) -> None:
    written = parse_file(str(feature)).walk_scenarios(with_outlines=True)
    for scenario in written:
        if getattr(scenario, "_row", None):
            continue  # of an outline, which is looked at itself
        asked = feature.stem == "1_atribucion"  # word for word the specification's own
        assert "<" not in scenario.name
        assert asked or not BUSINESS.search(scenario.name), scenario.name
        assert len(list(scenario.all_steps)) <= 6, scenario.name
        assert [step.step_type for step in scenario.steps if step.keyword != "And"].count("when") == 1, scenario.name


def _code(line: str, path: Path) -> str:
    """The line without what is an example in a comment or a docstring."""
    if path.suffix == ".py":
        return "" if re.search(r'^\s*("""|#|[A-Z`].*\.$)|such as', line) else line.split("  # ", maxsplit=1)[0]
    return line.split("--", maxsplit=1)[0]


def test_every_step_is_defined_and_every_definition_is_used() -> None:
    dry = behave("--dry-run", "--format", "steps.usage")
    assert dry.returncode == 0, dry.stdout
    assert "features/" in dry.stdout
    assert "UNUSED STEP DEFINITIONS" not in dry.stdout, dry.stdout.partition("UNUSED")[2]
