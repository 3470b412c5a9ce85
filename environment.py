"""behave's hooks: a world of its own for every scenario."""

from typing import Any

from steps.support.harness.databases import statement_log as trail
from steps.support.harness.report.attachments import Figures
from steps.support.harness.world import World
from steps.support.spec import traffic


def before_scenario(context: Any, scenario: Any) -> None:
    """Give the scenario its world, or the reason why there is none."""
    if context.problem:
        raise context.problem
    trail.begin()
    context.world = World(context.suite)
    context.add_cleanup(_end, context, context.world, scenario)


def after_step(context: Any, step: Any) -> None:
    """In a rehearsal, note how the scenario ended; hand the figures to the formatters with the last step of all."""
    rehearsal = context.suite and context.suite.rehearsal
    last = [*context.scenario.all_steps][-1]
    if rehearsal and (step is last or step.status.has_failed()):
        findings = rehearsal.end_of(context.scenario.name, _failure(step))
        if findings:
            context.attach(Figures.MIME, findings.figures().to_bytes())


def _failure(step: Any) -> str:
    return str(step.exception or step.error_message) if step.status.has_failed() else ""


def _end(context: Any, world: World, scenario: Any) -> None:
    failed = scenario.status.has_failed()
    if failed:
        for mime, text in world.traces():
            context.attach(mime, text.encode())
    if picture := traffic.drawn(world):
        context.attach("image/svg+xml", picture.encode())
    wanted = world.suite.options.keep
    keep = wanted == "always" or (wanted == "failed" and failed)
    world.end(kept_for=scenario.name if keep else "")
