"""Which scenarios are about existing data, and how each of them ended: none that is missing goes unsaid."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from steps.support.expect import UnmetError
from steps.support.scenarios import NoSubjectError, subject_of
from steps.support.subject import Subject

TAG = "datos"  # of the scenarios about existing data
NAMED = 3


@dataclass(frozen=True)
class Ending:
    """How a scenario ended: `passed`, `failed` by an assertion for a reason, or without an answer.

    One that does not `apply` to these data said why, in `reason`.
    """

    title: str
    passed: bool = False
    failed: bool = False
    applies: bool = True
    reason: str = ""


def leave_out(scenarios: Iterable[Any], subjects: Sequence[Subject], reasons: Mapping[Subject, str]) -> None:
    """Skip the scenarios of migrations that there is a reason against asking more of."""
    for scenario in scenarios:
        if reason := reasons.get(subject_of(scenario, subjects)):
            scenario.should_skip = True
            scenario.skip_reason = scenario.skip_reason or reason


def endings(ran: Iterable[Any], there_are: Iterable[Any], subjects: Sequence[Subject]) -> dict[Subject, list[Ending]]:
    """How every scenario about existing data `there_are` ended, by migration; also of those that were not selected."""
    known = {(str(one.location), one.name): one for one in ran}
    found: dict[Subject, list[Ending]] = {subject: [] for subject in subjects}
    for scenario in there_are:
        if TAG not in scenario.effective_tags:
            continue
        try:
            subject = subject_of(scenario, subjects)
        except NoSubjectError:
            continue  # the runner has said so of one that was to run
        found[subject].append(_ending(scenario.name, known.get((str(scenario.location), scenario.name))))
    return found


def missing(all_of_them: Sequence[Ending], *, refused: bool) -> list[str]:
    """What kept scenarios from an answer, in Spanish; where the script `refused` none was asked."""
    without = [one for one in all_of_them if not (one.passed or one.failed) and one.applies]
    if not all_of_them:
        return ["no hay escenarios sobre datos existentes que hayan corrido"]
    if not without or refused:
        return []
    broken = [f"«{one.title}» terminó con error" for one in without if one.reason]
    silent = [one.title for one in without if not one.reason]
    named = ", ".join(f"«{title}»" for title in silent[:NAMED]) + (", …" if len(silent) > NAMED else "")
    of = f"de {len(all_of_them)} escenarios sobre datos existentes no corrieron {len(silent)}: {named}"
    return [*broken, *([of] if silent else [])]


def _ending(title: str, scenario: Any) -> Ending:
    if scenario is None:
        return Ending(title)
    bad = next((step for step in scenario.all_steps if step.status.has_failed()), None)
    error = bad.exception if bad else None
    if bad and scenario.status.name == "failed" and isinstance(error, AssertionError):
        return Ending(title, failed=True, reason=_reason(error) or str(bad.error_message).strip())
    if scenario.status.name == "skipped" and scenario.skip_reason:
        return Ending(title, applies=False, reason=scenario.skip_reason)
    interrupted = isinstance(error, KeyboardInterrupt)
    broke = scenario.status.has_failed() and not interrupted
    passed = scenario.status.is_passed() and any(scenario.all_steps)
    return Ending(title, passed=passed, reason="error" if broke else "")


def _reason(error: AssertionError) -> str:
    """What a check says, with the first thing it compared or found."""
    if not isinstance(error, UnmetError):
        return " ".join(line.strip() for line in str(error).strip().splitlines()[:2])
    first = error.comparisons[0].lines() if error.comparisons else [line.splitlines()[0] for line in error.findings[:1]]
    return " ".join([error.subject, "; ".join(" ".join(line.split()) for line in first)]).strip()
