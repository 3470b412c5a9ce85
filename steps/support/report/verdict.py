"""The verdict in one sentence; a partial run says how much it ran."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from steps.support import spanish
from steps.support.report import requirements
from steps.support.report.causes import Cause, causes, hidden
from steps.support.report.requirements import Proof
from steps.support.report.run import BESIDES, Run, Scenario, State

LONGEST = 180  # letters of a cause in a headline
REHEARSED = {"accepted": State.PASSED, "refused": State.BAD, "incomplete": State.NOT_RUN}


@dataclass(frozen=True)
class Verdict:
    """A sentence; good news (PASSED), bad (BAD) or none (NOT_RUN); and all that it rests on."""

    sentence: str
    state: State
    counts: str
    causes: Sequence[Cause]
    hidden: Sequence[Scenario]
    proofs: Sequence[Proof]


def conclude(run: Run) -> Verdict:
    """What the run proves, and never more."""
    found = causes(run)
    sentence, state = _verdict(run, found)
    asked = list(requirements.proofs(run)) if run.scenarios else []
    return Verdict(sentence, state, counts(run.scenarios), found, hidden(run, found), asked)


def counts(scenarios: Sequence[Scenario]) -> str:
    """How scenarios ended, such as '14 escenarios: 13 pasan y 1 mal'."""
    words = {State.PASSED: "pasan", State.BAD: "mal", State.SKIPPED: "se saltaron", State.NOT_RUN: "no corrieron"}
    numbers = {state: sum(one.state is state for one in scenarios) for state in words}
    said = [f"{number} {words[state] if number > 1 else state.value}" for state, number in numbers.items() if number]
    return f"{len(scenarios)} escenario{'s' * (len(scenarios) != 1)}" + (f": {spanish.listed(said)}" if said else "")


def _verdict(run: Run, found: Sequence[Cause]) -> tuple[str, State]:
    if told := run.about.rehearsal:
        return f"{told.verdict[:1].upper()}{told.verdict[1:].rstrip('.')}.", REHEARSED[told.state]
    if run.about.problem:
        return "No se pudo probar nada: no hay un Postgres donde ejecutar los escenarios.", State.NOT_RUN
    if any(one.finding and one.part != BESIDES for one in found):
        return f"No cumple: {_worst(found)}", State.BAD
    if found and not any(one.finding for one in found):
        return f"No se pudo probar todo: {_worst(found)}", State.BAD
    if not any(one.state in (State.PASSED, State.BAD) for one in run.scenarios):
        return "No se probó nada: ningún escenario se ejecutó.", State.NOT_RUN
    return _halves(run, found)


def _halves(run: Run, found: Sequence[Cause]) -> tuple[str, State]:
    """The verdict of a run in which all that the specification asks passed, as far as it ran."""
    total, ran = _passed(one for one in run.written if one.part != BESIDES)
    total_besides, ran_besides = _passed(one for one in run.written if one.part == BESIDES)
    part = ran < total or not ran
    asked = "lo que le pedimos" if run.optional else "la especificación"
    if found:
        said = f"No alcanza para decir que cumple {asked}: pasó una parte ({ran} de {total})"
        said = said if part else f"Cumple {asked}"
        return f"{said}. De lo que pedimos además, no cumple: {_worst(found)}", State.BAD
    if part:
        whole = f"({ran + ran_besides} de {total + total_besides})"
        return f"Lo que se ejecutó cumple {whole}; no alcanza para decir que cumple {asked}.", State.NOT_RUN
    if ran_besides < total_besides:
        besides = f"de lo que pedimos además se ejecutó una parte ({ran_besides} de {total_besides})"
        return f"Cumple {asked}; {besides}.", State.NOT_RUN
    return f"Cumple {asked}{' y lo que pedimos además' if total_besides else ''}.", State.PASSED


def _passed(written: Iterable[Scenario]) -> tuple[int, int]:
    """How many scenarios there are but for those skipped for a reason, and how many of them passed."""
    states = [one.state for one in written if one.state is not State.SKIPPED]
    return len(states), states.count(State.PASSED)


def _worst(found: Sequence[Cause]) -> str:
    """The gravest cause, and how many more there are; what is too long for a headline goes without its values."""
    first, more = found[0], len(found) - 1
    said = first.sentence
    if first.finding and len(said) > LONGEST:
        said = spanish.sentence(replace(first.finding, before=None, after=None))
    rest = {0: "", 1: " Y 1 motivo más."}.get(more, f" Y {more} motivos más.")
    return f"{said.rstrip('.')}.{rest}"
