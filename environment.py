"""behave's hooks: a world of its own for every scenario."""

from typing import Any

from behave.exception import ConfigError

from steps.support.options import ROOT
from steps.support.runner import Acceptance
from steps.support.world import World

if not Acceptance.under_way:
    # behave reads its settings in the folder it is started in; in another, or through behavex, the runner is another.
    raise ConfigError(
        f"It needs the runner that behave.ini names. Run behave itself, in the folder of behave.ini: cd {ROOT}"
    )


def before_scenario(context: Any, scenario: Any) -> None:
    """Give the scenario its world."""
    context.world = World(context.suite)
    context.add_cleanup(_end, context.world, scenario)


def _end(world: World, scenario: Any) -> None:
    wanted = world.suite.options.keep
    keep = wanted == "always" or (wanted == "failed" and scenario.status.has_failed())
    world.end(kept_for=scenario.name if keep else "")
    scenario.latency = world.latency()
