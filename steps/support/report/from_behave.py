"""From behave's model, once it is final, to what is told."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from behave.model import Rule, ScenarioOutline
from behave.model_type import Status

from steps.support.redaction import redacted
from steps.support.report import failures
from steps.support.report.model import Background, Chapter, Examples, Outline, Scenario
from steps.support.report.status import State
from steps.support.report.step import Attachment, Grid, Step
from steps.support.scenarios import NoSubjectError, subject_of
from steps.support.subject import Subject

STATES = {
    Status.passed: State.PASSED, Status.pending_warn: State.PASSED, Status.skipped: State.SKIPPED,
    Status.failed: State.FAILED, Status.error: State.ERROR, Status.hook_error: State.ERROR,
    Status.cleanup_error: State.ERROR, Status.pending: State.PENDING,
    Status.undefined: State.UNDEFINED, Status.untested_undefined: State.UNDEFINED,
}  # fmt: skip
Attached = Mapping[tuple[int, int], Sequence[Attachment]]  # by the identities of scenario and step; 0: no step


class Reader:
    """Reads features; `wanted` tells which scenarios belong to the run, `subjects` what is under acceptance."""

    def __init__(
        self,
        wanted: Callable[[Any], bool] = lambda _: True,
        attached: Attached | None = None,
        subjects: Sequence[Subject] = (),
    ) -> None:
        self._wanted = wanted
        self._subjects = subjects
        self._attached = attached or {}

    def chapter(self, part: Any) -> Chapter:
        """A feature or a rule, with what of it belongs to the run."""
        items: list[Scenario | Outline | Chapter] = []
        for item in part.run_items:
            if isinstance(item, Rule):
                rule = self.chapter(item)
                items += [rule] * bool(rule.items)
            elif isinstance(item, ScenarioOutline):
                outline = self._outline(item)
                items += [outline] * bool(outline.examples)
            elif self._wanted(item):
                items.append(self.scenario(item))
        background = part.background
        written = [_step(step) for step in background.steps] if background else []
        return Chapter(
            title=part.name,
            items=items,
            description=tuple(part.description),
            tags=tuple(map(str, part.tags)),
            background=Background(background.name or "", written) if written else None,
            failure=failures.of_statement(part),
            file=relative(part.filename),
            line=part.line,
        )

    def scenario(self, scenario: Any) -> Scenario:
        """A scenario that has ended, or never began."""
        shared = len(scenario.background_steps)
        steps = [
            _step(step, self._attached.get((id(scenario), id(step)), ()), shared=number < shared)
            for number, step in enumerate(scenario.all_steps)
        ]
        return Scenario(
            title=scenario.name,
            file=relative(scenario.filename),
            line=scenario.line,
            state=_state(scenario),
            steps=steps,
            description=tuple(scenario.description),
            tags=tuple(map(str, scenario.tags)),
            all_tags=frozenset(map(str, scenario.effective_tags)),
            subject=self._about(scenario),
            reason=scenario.skip_reason or ("" if any(scenario.all_steps) else "no tiene pasos"),
            failure=failures.of_statement(scenario),
            output=_output(scenario),
            attachments=self._attached.get((id(scenario), 0), ()),
        )

    def _about(self, scenario: Any) -> str:
        try:
            return subject_of(scenario, self._subjects).name if self._subjects else ""
        except NoSubjectError:
            return ""  # the runner has said so

    def _outline(self, outline: Any) -> Outline:
        rows = {scenario.line: scenario for scenario in outline.scenarios if self._wanted(scenario)}
        examples = [
            Examples(
                title=one.name,
                headings=tuple(one.table.headings),
                rows=[(tuple(row.cells), self.scenario(rows[row.line])) for row in one.table if row.line in rows],
                tags=tuple(map(str, one.tags)),
            )
            for one in outline.examples
            if one.table
        ]
        return Outline(
            title=outline.name,
            steps=[_step(step) for step in outline.steps],
            examples=[one for one in examples if one.rows],
            description=tuple(outline.description),
            tags=tuple(map(str, outline.tags)),
        )


def _step(step: Any, attachments: Sequence[Attachment] = (), *, shared: bool = False) -> Step:
    return Step(
        keyword=step.keyword,
        text=step.name,
        line=step.line,
        state=STATES.get(step.status, State.NOT_RUN),
        table=Grid(tuple(step.table.headings), [tuple(row.cells) for row in step.table]) if step.table else None,
        document=str(step.text or ""),
        seconds=step.duration,
        failure=failures.of_step(step),
        attachments=attachments,
        shared=shared,
    )


def _state(scenario: Any) -> State:
    """behave calls a scenario whose step is undefined or pending an error; a reader wants to know which."""
    state = STATES.get(scenario.status, State.NOT_RUN)
    if state is State.NOT_RUN and any(step.status.is_undefined() for step in scenario.all_steps):
        return State.UNDEFINED  # a dry run says so of the first step alone
    if state is State.ERROR and not scenario.hook_failed and scenario.status != Status.cleanup_error:
        return next((STATES[step.status] for step in scenario.all_steps if step.status.has_failed()), state)
    if state is State.PASSED and not any(scenario.all_steps):
        return State.NOT_RUN  # behave passes a scenario without steps, which proves nothing
    return state


def _output(scenario: Any) -> str:
    pieces = [
        text
        for captured in scenario.captured.captures
        if captured.name == "scenario"
        for text in (captured.stdout, captured.stderr, captured.log)
    ]
    return redacted("\n".join(piece.rstrip() for piece in pieces if piece.strip()))


def relative(name: str) -> str:
    """A file as its place names it."""
    path = Path(name)
    return (path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path).as_posix()
