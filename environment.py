"""behave's hooks: a world of its own for every scenario."""

import json
from typing import Any

from steps.support.rehearsal.figures import MEDIA_TYPE
from steps.support.world import World


def before_scenario(context: Any, scenario: Any) -> None:
    """Give the scenario its world, or the reason why there is none."""
    if context.problem:
        raise context.problem
    context.world = World(context.suite)
    context.add_cleanup(_end, context.world, scenario)


def after_scenario(context: Any, scenario: Any) -> None:
    """In a rehearsal, note how the scenario ended; hand the figures to the formatters after the last."""
    rehearsal = context.suite and context.suite.rehearsal
    if rehearsal and scenario.status.name != "skipped":
        figures = rehearsal.end_of(scenario.name, _failure(scenario))
        if figures:
            context.attach(MEDIA_TYPE, json.dumps(figures.to_json(), ensure_ascii=False).encode())


def _failure(scenario: Any) -> str:
    failed = [step for step in scenario.all_steps if step.status.has_failed()]
    return str(failed[0].exception or failed[0].error_message) if failed else ""


def _end(world: World, scenario: Any) -> None:
    wanted = world.suite.options.keep
    keep = wanted == "always" or (wanted == "failed" and scenario.status.has_failed())
    world.end(kept_for=scenario.name if keep else "")
