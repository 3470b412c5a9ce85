"""behave's hooks: a world of its own for every scenario."""

from typing import Any

from steps.support.world import World


def before_scenario(context: Any, scenario: Any) -> None:
    """Give the scenario its world, or the reason why there is none."""
    if context.problem:
        raise context.problem
    context.world = World(context.suite)
    context.add_cleanup(_end, context.world, scenario)


def _end(world: World, scenario: Any) -> None:
    wanted = world.suite.options.keep
    keep = wanted == "always" or (wanted == "failed" and scenario.status.has_failed())
    world.end(kept_for=scenario.name if keep else "")
