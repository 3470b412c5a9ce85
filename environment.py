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


def after_step(context: Any, step: Any) -> None:
    """In a rehearsal, note how the scenario ended; hand the figures to the formatters with the last step of all."""
    rehearsal = context.suite and context.suite.rehearsal
    last = [*context.scenario.all_steps][-1]
    if rehearsal and (step is last or step.status.has_failed()):
        figures = rehearsal.end_of(context.scenario.name, _failure(step))
        if figures:
            context.attach(MEDIA_TYPE, json.dumps(figures.to_json(), ensure_ascii=False).encode())


def _failure(step: Any) -> str:
    return str(step.exception or step.error_message) if step.status.has_failed() else ""


def _end(world: World, scenario: Any) -> None:
    wanted = world.suite.options.keep
    keep = wanted == "always" or (wanted == "failed" and scenario.status.has_failed())
    world.end(kept_for=scenario.name if keep else "")
