"""Why scenarios ended badly, each cause once: findings about the same thing are one cause."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from steps.support import spanish
from steps.support.finding import FOLLOWED, FOLLOWING, Finding, Kind
from steps.support.redaction import redacted
from steps.support.report.run import Run, Scenario, State

Key = tuple[str, str]


@dataclass(frozen=True)
class Cause:
    """A cause in a clause without its full stop, and the scenarios that found it; `finding` is its gravest.

    Without a finding it is an error, which says nothing of what was asked. `more` are further lines.
    """

    sentence: str
    scenarios: Sequence[Scenario]
    finding: Finding | None = None
    more: Sequence[str] = ()

    @property
    def first(self) -> Scenario:
        """The scenario to read, and to run alone."""
        return self.scenarios[0]

    @property
    def part(self) -> str:
        """The part of the run it counts in: what the specification asks, if one of its scenarios is there."""
        return self.first.part


def causes(run: Run) -> list[Cause]:
    """The causes of a run, the gravest first; where anything was found, errors hid it and are no causes."""
    bad = sorted((one for one in run.scenarios if one.state is State.BAD), key=lambda one: run.parts.index(one.part))
    found: dict[Key, list[tuple[Finding, Scenario]]] = defaultdict(list)
    for scenario, finding in counting(bad):
        found[key(finding)].append((finding, scenario))
    if not found:
        return _errors(bad)
    own = {subject.table for subject in run.about.subjects}

    def gravity(one: Cause) -> tuple[int, bool]:
        """A migration's own table before those that lose by a cascade."""
        assert one.finding
        return one.finding.kind.value, one.finding.table not in own

    families: dict[tuple[str, Kind], list[Cause]] = defaultdict(list)
    for cause in sorted(map(_cause, found.values()), key=gravity):
        assert cause.finding
        families[cause.part, cause.finding.kind].append(cause)
    return [_family(family) for family in families.values()]


def hidden(run: Run, found: Sequence[Cause]) -> list[Scenario]:
    """The scenarios that ended badly under none of the causes: another failure kept them from asking."""
    told = {one.place for cause in found for one in cause.scenarios}
    return [one for one in run.scenarios if one.state is State.BAD and one.place not in told]


def counting(scenarios: Iterable[Scenario]) -> list[tuple[Scenario, Finding]]:
    """What was found, but for what only follows from a graver finding: that accuses nothing."""
    found = [(one, finding) for one in scenarios for finding in one.findings]
    followed = any(finding.kind in FOLLOWED for _, finding in found)
    return [(one, finding) for one, finding in found if not (followed and finding.kind in FOLLOWING)]


def key(finding: Finding) -> Key:
    """What a finding is about, one key a cause."""
    return finding.table, finding.name or finding.kind.name


def _cause(members: Sequence[tuple[Finding, Scenario]]) -> Cause:
    finding = min((one for one, _ in members), key=lambda one: one.kind.value)
    scenarios = list({scenario.place: scenario for _, scenario in members}.values())
    sentence, *more = redacted(spanish.sentence(finding)).splitlines()
    return Cause(sentence, scenarios, finding, more)


def _family(causes: Sequence[Cause]) -> Cause:
    """Causes of one kind as one, told by the first: a script that adds no column at all is one cause, not five."""
    first = causes[0]
    assert first.finding
    scenarios = list({scenario.place: scenario for cause in causes for scenario in cause.scenarios}.values())
    others = [cause.sentence for cause in causes[1:]]
    named = others and first.finding.name  # rows of another table fall with those of the first
    sentence = f"{first.sentence}, y {len(others)} más así" if named else first.sentence
    return Cause(sentence, scenarios, first.finding, [*first.more, *others])


def _errors(bad: Sequence[Scenario]) -> list[Cause]:
    """Errors, those that say the same as one."""
    said: dict[str, list[Scenario]] = defaultdict(list)
    for one in bad:
        said[one.why.lines[0].rstrip(".") if one.why else one.title].append(one)
    return [Cause(sentence, ones, more=_rest(ones[0])) for sentence, ones in said.items()]


def _rest(scenario: Scenario) -> Sequence[str]:
    return [*scenario.why.lines[1:], *scenario.why.trace] if scenario.why else ()
