"""What changed since a run that is over: four lists, each empty where nothing did."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from steps.support.report.causes import Cause
from steps.support.report.kept import Ended
from steps.support.report.model import Run
from steps.support.report.status import State


@dataclass(frozen=True)
class Changes:
    """Since a run of that date. What is still written and was not selected this time is not gone."""

    since: datetime
    failing: Sequence[Ended] = ()
    passing: Sequence[Ended] = ()
    new: Sequence[Ended] = ()
    gone: Sequence[Ended] = ()

    @property
    def lists(self) -> list[tuple[str, Sequence[Ended]]]:
        """Those that are not empty, each with its title."""
        titles = ("Ahora fallan", "Ahora pasan", "Nuevos", "Ya no están")
        every = (self.failing, self.passing, self.new, self.gone)
        return [(title, found) for title, found in zip(titles, every, strict=True) if found]


def ended(run: Run, causes: Sequence[Cause]) -> list[Ended]:
    """How every scenario of a run ended, with the cause it is told under."""
    why = {scenario.place: cause.sentence for cause in causes for scenario in cause.scenarios}
    return [Ended(one.title, one.place, one.state, why.get(one.place, "")) for one in run.scenarios]


def changes(run: Run, causes: Sequence[Cause]) -> Changes | None:
    """What changed since the previous run; None without one."""
    previous = run.about.previous
    if not previous:
        return None
    was = {one.name: one for one in previous.scenarios}
    now = {one.name: one for one in ended(run, causes)}
    both = [(was[name], one) for name, one in now.items() if name in was]
    passed = State.PASSED
    files = {file for file, _ in run.known} or {file for file, _ in was}
    return Changes(
        previous.began,
        failing=[one for before, one in both if before.state is passed and one.state.bad],
        passing=[one for before, one in both if before.state.bad and one.state is passed],
        new=[one for name, one in now.items() if name not in was],
        gone=[one for name, one in was.items() if name not in now and name not in run.known and name[0] in files],
    )
