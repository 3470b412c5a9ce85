"""Which scenarios of a run are run: what is left out, with its reason, and when what is left proves nothing."""

from collections.abc import Collection, Iterable
from typing import Any

from steps.support.postgres.server import Server, connect, rights
from steps.support.subject import Subject

ROLES = "roles"  # the tag


class OfSubject:
    """behave's tag expression, minus scenarios with a tag of `others`."""

    def __init__(self, others: Collection[str], asked: Any) -> None:
        self._others = {*others}
        self._asked = asked

    def check(self, tags: Collection[str]) -> bool:
        """Whether a scenario with these tags is to run."""
        return not self._others & {*tags} and bool(self._asked.check(tags))

    def __str__(self) -> str:
        return str(self._asked)


def selected(features: Iterable[Any], config: Any) -> list[Any]:
    """The scenarios that are to run, rows of outlines each for itself."""
    return [one for feature in features if feature for one in feature.walk_scenarios() if one.should_run(config)]


def leave_out_what_needs_roles(scenarios: list[Any], server: Server, subject: Subject) -> None:
    """Where our login may make no role: what is tagged so, or all where the migration has roles."""
    with connect(server.url) as connection:
        if rights(connection).makes_roles:
            return
    for scenario in scenarios:
        if subject.roles or ROLES in scenario.effective_tags:
            # skip() would say so once for each; formatters find the reason here.
            scenario.should_skip = True
            scenario.skip_reason = "El usuario de -D postgres no puede crear roles (le falta CREATEROLE)"


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
