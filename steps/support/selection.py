"""Which scenarios of a run are run: what is left out, with its reason, and when what is left proves nothing."""

import os
import shlex
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from behave.model import ScenarioOutline

from steps.support.options import ROOT
from steps.support.postgres import abilities
from steps.support.postgres.server import Server
from steps.support.subject import Subject


def selected(features: Iterable[Any], config: Any) -> list[Any]:
    """The scenarios that are to run, rows of outlines each for itself."""
    return [scenario for scenario in every(features) if scenario.should_run(config)]


def every(features: Iterable[Any]) -> list[Any]:
    """All scenarios there are, rows of outlines each for itself."""
    found = [scenario for feature in features if feature for scenario in feature.walk_scenarios()]
    assert not any(isinstance(scenario, ScenarioOutline) for scenario in found)
    return found


def leave_out_what_the_server_lacks(scenarios: list[Any], server: Server, subject: Subject) -> None:
    """What needs an ability this server has not: its tag says so, or its migration has roles."""
    roles = {abilities.ROLES} if subject.roles else set()
    needs = [{*map(str, scenario.effective_tags)} | roles for scenario in scenarios]
    for ability, reason in abilities.lacking(server, set().union(*needs)).items():
        for scenario, needed in zip(scenarios, needs, strict=True):
            if ability in needed:
                # skip() would say so once for each; formatters find the reason here.
                scenario.should_skip = True
                scenario.skip_reason = reason


def why_it_proves_nothing(scenarios: list[Any]) -> str:
    """Why a selection proves nothing, empty when it does: behave passes a run of no scenario, and one of no step."""
    if not scenarios:
        return "Nothing to run: no scenario is selected. Check -D subject and the -n, -t and path arguments."
    if empty := [str(scenario.location) for scenario in scenarios if not any(scenario.all_steps)]:
        return f"Nothing to run in {', '.join(empty)}: a scenario without steps. Write them, or remove it."
    return ""


def nothing_was_run(scenarios: list[Any]) -> bool:
    """Whether all that was selected was skipped; says so."""
    ran = any(scenario.status.is_passed() or scenario.status.has_failed() for scenario in scenarios)
    print("Nothing was run: every selected scenario was skipped.\n" * (not ran), end="")
    return not ran


def from_the_root() -> str:
    """The command at hand as it is to be typed: in the project's folder, paths as from there."""
    given = [os.path.relpath(word, ROOT) if Path(word).exists() else word for word in sys.argv[1:]]
    return f"cd {shlex.quote(str(ROOT))} && {shlex.join(['.venv/bin/behave', *given])}"
