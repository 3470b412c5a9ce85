"""Which scenarios of a run are run: what is left out, with its reason, and when what is left proves nothing."""

import os
import shlex
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from behave.model import ScenarioOutline

from steps.support.declared import Product
from steps.support.options import ROOT, Options
from steps.support.postgres import abilities
from steps.support.postgres.server import Server
from steps.support.scenarios import NoSubjectError, subject_of
from steps.support.subject import Subject


def selected(features: Iterable[Any], config: Any) -> list[Any]:
    """The scenarios that are to run, rows of outlines each for itself."""
    return [scenario for scenario in every(features) if scenario.should_run(config)]


def every(features: Iterable[Any]) -> list[Any]:
    """All scenarios there are, rows of outlines each for itself."""
    found = [scenario for feature in features if feature for scenario in feature.walk_scenarios()]
    assert not any(isinstance(scenario, ScenarioOutline) for scenario in found)
    return found


def leave_out_what_the_server_lacks(scenarios: list[Any], server: Server, subjects: Sequence[Subject]) -> None:
    """What needs an ability this server has not: its tag says so, or its migration has roles."""
    needs = [
        {*map(str, scenario.effective_tags), *[abilities.ROLES][: len(subject_of(scenario, subjects).roles)]}
        for scenario in scenarios
    ]
    for ability, reason in abilities.lacking(server, set().union(*needs)).items():
        for scenario, needed in zip(scenarios, needs, strict=True):
            if ability in needed:
                _leave_out(scenario, reason)


def why_it_proves_nothing(scenarios: list[Any], options: Options, product: Product) -> str:
    """Why a selection proves nothing, empty when it does: behave passes a run of no scenario, and one of no step."""
    if not scenarios:
        return "Nothing to run: no scenario is selected. Check the -n, -t and path arguments."
    if empty := [str(scenario.location) for scenario in scenarios if not any(scenario.all_steps)]:
        return f"Nothing to run in {', '.join(empty)}: a scenario without steps. Write them, or remove it."
    try:
        about = {subject_of(scenario, product.subjects).script.name for scenario in scenarios}
    except NoSubjectError as problem:
        return str(problem)
    idle = [name for name in options.candidates if name not in about]
    return f"Nothing to judge: no selected scenario is about {idle[0]}, which -D migration replaces." if idle else ""


def nothing_was_run(scenarios: list[Any], options: Options, product: Product) -> bool:
    """Whether all that was selected, or all about a candidate, was skipped; says so."""
    ran = [scenario for scenario in scenarios if scenario.status.is_passed() or scenario.status.has_failed()]
    judged = {subject_of(scenario, product.subjects).script.name for scenario in ran}
    if not judged:
        print("Nothing was run: every selected scenario was skipped.")
        return True
    for name in set(options.candidates) - judged:
        print(f"Not judged: {name}, which -D migration replaces. Every scenario about it was skipped.")
        return True
    return False


def _leave_out(scenario: Any, reason: str) -> None:
    # skip() would say so once for each; formatters find the reason here.
    scenario.should_skip = True
    scenario.skip_reason = reason


def from_the_root() -> str:
    """The command at hand as it is to be typed: in the project's folder, paths as from there."""
    given = [os.path.relpath(word, ROOT) if Path(word).exists() else word for word in sys.argv[1:]]
    return f"cd {shlex.quote(str(ROOT))} && {shlex.join(['.venv/bin/behave', *given])}"
