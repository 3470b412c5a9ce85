"""Why scenarios ended badly, each cause once: the scenario that asks for just that, and those that fell with it.

Scenarios fall by the same cause when they find the same: a column that is not as asked and whatever else names that
column, or the same words but for their numbers. Of those that a check of their own failed, the one that asks for
least else is the one that asks for just that; a cause counts against its requirements and no others'.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from steps.support import spanish
from steps.support.report.model import Run, Scenario
from steps.support.report.status import Failure, State
from steps.support.report.step import Step
from steps.support.subject import Subject

Key = tuple[str, str]  # a migration's name and how columns of its deviate, or '' and words
_VARYING = re.compile(r"(?<=ERROR )[0-9A-Z]{0,5}(?=:)|[#\d][\d.,]*")


@dataclass(frozen=True)
class Cause:
    """A cause in a sentence, and its scenarios: the one that asks for just that first, when `asked` by one."""

    sentence: str
    scenarios: Sequence[Scenario]
    asked: bool

    @property
    def first(self) -> Scenario:
        """The scenario to read, and to run alone."""
        return self.scenarios[0]

    @property
    def others(self) -> Sequence[Scenario]:
        """Those that fell with it."""
        return self.scenarios[1:]

    def against(self, tag: str, subject: str) -> bool:
        """Whether it counts against the requirement with that tag: its scenario asks for it."""
        return self.asked and tag in self.first.all_tags and subject == self.first.subject


def causes(run: Run) -> list[Cause]:
    """The causes of a run; what most scenarios fell by first. A scenario is told under one of its causes."""
    bad = [one for one in run.scenarios if one.state.bad]
    found = _Found(bad, run.about.subjects)
    told = {number for number in found.asking.values() if number is not None}
    listed = []
    for key, members in found.ordered():
        first = found.asking[key]
        rest = [number for number in members if number not in told]
        told |= set(rest)
        scenarios = [bad[number] for number in ([] if first is None else [first]) + rest]
        if scenarios:
            listed.append(Cause(found.sentence(key, scenarios[0]), scenarios, first is not None))
    return listed


class _Found:
    """What scenarios that ended badly found, by the keys of their causes."""

    def __init__(self, bad: Sequence[Scenario], subjects: Sequence[Subject]) -> None:
        self._deviate = dict(_deviations(bad))
        wanted = [_keys(one, self._deviate) for one in bad]
        same = _together(wanted)
        keys = [list(dict.fromkeys(same.get(key, key) for key in found)) for found in wanted]
        self._members: dict[Key, list[int]] = defaultdict(list)
        for number, found in enumerate(keys):
            for key in found:
                self._members[key].append(number)
        self.asking = {key: _asking(numbers, bad, keys, subjects) for key, numbers in self._members.items()}
        self._tell_the_unasked_with_the_columns()

    def ordered(self) -> list[tuple[Key, list[int]]]:
        """The keys with their scenarios' numbers: those somebody asks for first, then by how many fell."""
        return sorted(self._members.items(), key=lambda one: (self.asking[one[0]] is None, -len(one[1]), one[1][0]))

    def sentence(self, key: Key, first: Scenario) -> str:
        """The cause in words: how columns deviate, or what its first scenario says."""
        subject, how = key
        if not subject:
            return first.why.subject.rstrip(".") if first.why else first.title
        columns = [name for (whose, name), said in reversed(self._deviate.items()) if (whose, said) == key]
        return f"{columns[0]} {how}" if len(columns) == 1 else f"{spanish.listed(columns)}: cada una {how}"

    def _tell_the_unasked_with_the_columns(self) -> None:
        """What fell before it could ask, with columns that are not as asked, fell by them, whatever it says."""
        asked = [key for key, number in self.asking.items() if number is not None and key[0]]
        if len(asked) == 1:
            for key in [key for key, number in self.asking.items() if number is None]:
                more = [number for number in self._members.pop(key) if number not in self._members[asked[0]]]
                self._members[asked[0]] += more
                del self.asking[key]


def asks(scenario: Scenario) -> int | None:
    """Which of its Thens a scenario failed at, from 0; None when it ended badly before, or otherwise."""
    bad = scenario.bad_step
    if scenario.state is not State.FAILED or not bad:
        return None
    thens = [step for step, kind in _kinds(scenario.steps) if kind == "Then"]
    return next((number for number, step in enumerate(thens) if step is bad), None)


def _kinds(steps: Sequence[Step]) -> Iterator[tuple[Step, str]]:
    kind = "Given"
    for step in steps:
        kind = step.keyword if step.keyword in ("Given", "When", "Then") else kind
        yield step, kind


def _deviations(scenarios: Sequence[Scenario]) -> Iterator[tuple[tuple[str, str], str]]:
    """By migration and name, how a column or another thing is not as asked, as the first check says that finds it."""
    for scenario in reversed(scenarios):
        if scenario.why:
            for name, deviation in reversed(list(scenario.why.deviations.items())):
                yield (scenario.subject, name), deviation


def _keys(scenario: Scenario, deviate: Mapping[tuple[str, str], str]) -> list[Key]:
    why = scenario.why or Failure(scenario.title)
    if why.deviations and not why.findings:
        return [(scenario.subject, deviate[scenario.subject, name]) for name in why.deviations]
    # What is no column says its own name.
    names = {
        name: ("" if name in how else subject, how)
        for (subject, name), how in deviate.items()
        if subject == scenario.subject
    }
    points = [f"{why.subject}\n{point}" for point in why.points] or [why.subject]
    named = [_columns_first([names[name] for name in names if _names(point, name)]) for point in points]
    if any(named) and not why.deviations:
        return [key for found in named for key in found]
    words = [point.partition("\n")[0] if why.findings else why.subject for point in why.points] or [why.subject]
    return [
        key
        for found, said in zip(named, words, strict=True)
        for key in found or [("", _VARYING.sub("#", said.strip()))]
    ]


def _columns_first(keys: list[Key]) -> list[Key]:
    """Without what is no column, where there is one: a constraint that comes with a column is no cause of its own."""
    return [key for key in keys if key[0]] or keys


def _names(text: str, column: str) -> bool:
    return bool(re.search(rf"(?<![^\W_]){re.escape(column)}(?![^\W_])", text))


def _together(keys: Sequence[Sequence[Key]]) -> dict[Key, Key]:
    """Words that one scenario found beside each other, by the first of them: they are told as one."""
    first: dict[Key, Key] = {}
    for found in keys:
        words = [key for key in found if not key[0]]
        known = next((first[key] for key in words if key in first), words[0] if words else None)
        for key in words:
            if known:
                first.setdefault(key, known)
    return first


def _asking(
    numbers: Sequence[int], bad: Sequence[Scenario], keys: Sequence[Sequence[Key]], subjects: Sequence[Subject]
) -> int | None:
    requirements = {one.tag for subject in subjects for one in subject.requirements}
    ranked = [
        (len(keys[number]), len(requirements & bad[number].all_tags), at, number)
        for number in numbers
        if (at := asks(bad[number])) is not None
    ]
    return min(ranked)[-1] if ranked else None
