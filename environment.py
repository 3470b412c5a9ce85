"""behave's hooks: a world of its own for every scenario."""

from typing import Any

from behave.exception import ConfigError

from steps.support.options import ROOT
from steps.support.runner import Acceptance
from steps.support.world import World

if not Acceptance.under_way:
    # behave reads its settings in the folder it is started in; elsewhere it runs these files with a runner of its own.
    raise ConfigError(f"Run it from the project's folder, where behave.ini is: cd {ROOT}")


def before_scenario(context: Any, scenario: Any) -> None:
    """Give the scenario its world."""
    context.world = World(context.suite)
    context.add_cleanup(_end, context.world, scenario)


def _end(world: World, scenario: Any) -> None:
    wanted = world.suite.options.keep
    keep = wanted == "always" or (wanted == "failed" and scenario.status.has_failed())
    world.end(kept_for=scenario.name if keep else "")
    scenario.latency = world.latency()
