"""Why scenarios ended badly, each cause once: findings about the same thing are one cause."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from steps.support import spanish
from steps.support.finding import FOLLOWED, FOLLOWING, Finding, Kind
from steps.support.redaction import redacted
from steps.support.report.run import Failure, Run, Scenario, State

Key = tuple[str, str]
Found = tuple[Scenario, Finding]


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
    """The causes of a run, the gravest first; when there are findings, errors are not causes."""
    bad = sorted((one for one in run.scenarios if one.state is State.BAD), key=lambda one: run.parts.index(one.part))
    found: dict[Key, list[Found]] = defaultdict(list)
    for one in counting(bad):
        found[key(one[1])].append(one)
    if not found:
        return _errors(bad)
    own = run.about.subject.table if run.about.subject else ""
    # A migration's own table comes before those that lose by a cascade.
    gravest = [min(group, key=lambda one: one[1].kind.value) for group in found.values()]
    gravest.sort(key=lambda one: (one[1].kind.value, one[1].table != own))
    families: dict[tuple[str, Kind], list[Finding]] = defaultdict(list)
    for _, finding in gravest:
        families[found[key(finding)][0][0].part, finding.kind].append(finding)
    return [
        _cause(family, [one for finding in family for one, _ in found[key(finding)]]) for family in families.values()
    ]


def hidden(run: Run, found: Sequence[Cause]) -> list[Scenario]:
    """The scenarios that ended badly under none of the causes: another failure kept them from asking."""
    told = {one.place for cause in found for one in cause.scenarios}
    return [one for one in run.scenarios if one.state is State.BAD and one.place not in told]


def counting(scenarios: Iterable[Scenario]) -> list[Found]:
    """What was found, but for what only follows from a graver finding: that accuses nothing."""
    found = [(one, finding) for one in scenarios for finding in one.findings]
    followed = any(finding.kind in FOLLOWED for _, finding in found)
    return [(one, finding) for one, finding in found if not (followed and finding.kind in FOLLOWING)]


def key(finding: Finding) -> Key:
    """What a finding is about, one key a cause."""
    return finding.table, finding.name or finding.kind.name


def _cause(family: Sequence[Finding], scenarios: Sequence[Scenario]) -> Cause:
    """Findings of one kind, told by the first: a script that adds no column at all is one cause, not five."""
    sentence, *more = redacted(spanish.sentence(family[0])).splitlines()
    others = [redacted(spanish.sentence(one)).splitlines()[0] for one in family[1:]]
    if others and family[0].name:  # rows of another table fall with those of the first, and go without saying
        sentence += f", y {len(others)} más así"
    return Cause(sentence, list({one.place: one for one in scenarios}.values()), family[0], [*more, *others])


def _errors(bad: Sequence[Scenario]) -> list[Cause]:
    """Errors, those that say the same as one."""
    said: dict[str, list[Scenario]] = defaultdict(list)
    for one in bad:
        said[one.why.lines[0].rstrip(".") if one.why else one.title].append(one)
    whys = [(sentence, ones, ones[0].why or Failure([sentence])) for sentence, ones in said.items()]
    return [Cause(sentence, ones, more=[*why.lines[1:], *why.trace]) for sentence, ones, why in whys]
