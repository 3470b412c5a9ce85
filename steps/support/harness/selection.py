"""Which scenarios of a run are run: what is left out, with its reason, and when what is left proves nothing."""

from collections.abc import Iterable
from typing import Any

from behave.model import ScenarioOutline

from steps.support.harness.options import Options
from steps.support.harness.product import Product
from steps.support.harness.rehearsal.endings import TAG
from steps.support.harness.scenarios import NoSubjectError, subject_of
from steps.support.harness.servers import abilities
from steps.support.harness.servers.server import Server


def selected(features: Iterable[Any], config: Any) -> list[Any]:
    """The scenarios that are to run, rows of outlines each for itself."""
    return [scenario for scenario in every(features) if scenario.should_run(config)]


def every(features: Iterable[Any]) -> list[Any]:
    """All scenarios there are, rows of outlines each for itself."""
    found = [scenario for feature in features if feature for scenario in feature.walk_scenarios()]
    assert not any(isinstance(scenario, ScenarioOutline) for scenario in found)
    return found


def leave_out_what_is_not_about_existing_data(features: Iterable[Any], config: Any) -> None:
    """In a rehearsal, what does not begin with existing rows; says how many that are."""
    there_are = selected(features, config)
    left = [scenario for scenario in there_are if TAG not in scenario.effective_tags]
    for scenario in left:
        _leave_out(scenario, "En un ensayo solo corren los escenarios sobre datos existentes")
    print(
        f"Rehearsal: {len(there_are) - len(left)} scenarios about existing data run on the snapshot, "
        f"{len(left)} about other starting points are not run.",
        flush=True,
    )


def leave_out_what_the_server_lacks(scenarios: list[Any], server: Server) -> None:
    """What a tag says needs an ability this server has not."""
    tags = {str(tag) for scenario in scenarios for tag in scenario.effective_tags}
    for tag, reason in abilities.lacking(server, tags).items():
        for scenario in scenarios:
            if tag in scenario.effective_tags:
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


def nothing_was_run(scenarios: list[Any]) -> bool:
    """Whether all that was selected was skipped; says so."""
    if any(scenario.status.is_passed() for scenario in scenarios):
        return False
    print("Nothing was run: every selected scenario was skipped.")
    return True


def _leave_out(scenario: Any, reason: str) -> None:
    # skip() would say so once for each; formatters find the reason here.
    scenario.should_skip = True
    scenario.skip_reason = reason
