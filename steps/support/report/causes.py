"""Why scenarios ended badly, each cause once: findings about the same thing are one cause."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from steps.support import spanish
from steps.support.finding import FOLLOWED, FOLLOWING, Finding, Kind, gravest_first
from steps.support.redaction import redacted
from steps.support.report.run import BESIDES, Run, Scenario, State

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
        """The scenario shown first; one of BESIDES only when there is no other."""
        return self.scenarios[0]


def settled(run: Run) -> Run:
    """The run, in which a scenario is HIDDEN when all that it found follows from what others found."""
    found = {one.place for one, _ in counting(run.scenarios)}

    def settle(one: Scenario) -> Scenario:
        bad = one.state is State.BAD and found and one.place not in found
        return replace(one, state=State.HIDDEN) if bad else one

    return replace(run, features=[replace(one, scenarios=[*map(settle, one.scenarios)]) for one in run.features])


def causes(run: Run) -> list[Cause]:
    """The causes of a run, the gravest first; when there are findings, errors are not causes."""
    bad = sorted(run.those(State.BAD), key=lambda one: one.part == BESIDES)
    found: dict[tuple[str, str], list[Found]] = defaultdict(list)
    for one in counting(bad):
        found[key(one[1])].append(one)
    if not found:
        return _errors(bad)
    own = run.about.subject.names if run.about.subject else ()
    gravest = [gravest_first(finding for _, finding in group)[0] for group in found.values()]
    families: dict[tuple[str, Kind], list[Finding]] = defaultdict(list)
    for finding in gravest_first(gravest, own):
        families[found[key(finding)][0][0].part, finding.kind].append(finding)
    return [
        _cause(family, [one for finding in family for one, _ in found[key(finding)]]) for family in families.values()
    ]


def counting(scenarios: Iterable[Scenario]) -> list[Found]:
    """What was found, but for what only follows from a graver finding: that accuses nothing."""
    found = [(one, finding) for one in scenarios for finding in one.why.findings]
    followed = any(finding.kind in FOLLOWED for _, finding in found)
    return [(one, finding) for one, finding in found if not (followed and finding.kind in FOLLOWING)]


def key(finding: Finding) -> tuple[str, str]:
    """What a finding is about, one key a cause."""
    return finding.table, finding.name or finding.kind.name


def _cause(family: Sequence[Finding], scenarios: Sequence[Scenario]) -> Cause:
    """Findings of one kind, said by the first: a script that adds no column at all is one cause, not five."""
    sentence, *more = redacted(spanish.sentence(family[0])).splitlines()
    others = [redacted(spanish.sentence(one)).splitlines()[0] for one in family[1:]]
    if others and family[0].name:  # rows of another table fall with those of the first, and go without saying
        sentence += f", y {len(others)} más así"
    return Cause(sentence, list({one.place: one for one in scenarios}.values()), family[0], [*more, *others])


def _errors(bad: Sequence[Scenario]) -> list[Cause]:
    """Errors, those that say the same as one."""
    said: dict[str, list[Scenario]] = defaultdict(list)
    for one in bad:
        said[one.why.lines[0].rstrip(".")].append(one)
    return [Cause(sentence, ones, more=ones[0].why.lines[1:]) for sentence, ones in said.items()]
