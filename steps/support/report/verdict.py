"""What a run proves: the verdict, whether the migration may go to production, and what is said of each requirement.

Red: a check found what is asked otherwise. Grey: another failure hid it, or not all of it ran.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from steps.support import spanish
from steps.support.report.causes import Cause, causes, counting, key
from steps.support.report.run import ASKED, BESIDES, Run, Scenario, State

LONGEST = 180  # letters of a cause in a headline
REHEARSED = {"accepted": State.PASSED, "refused": State.BAD, "incomplete": State.NOT_RUN}
MAY_GO = "Puede ir a producción; antes conviene un ensayo sobre una copia de los datos reales."
MUST_NOT = "No debe ir a producción."
BOTH_ASKED = "No debe ir a producción así: con la tabla en uso, lo que pedimos además también es obligatorio."
UNKNOWN = "Con esto no se sabe si puede ir a producción."


@dataclass(frozen=True)
class Proof:
    """Something asked, in words, with the scenarios that prove it, run or not, and those of them that refute it."""

    text: str
    part: str
    scenarios: Sequence[Scenario]
    against: Sequence[Scenario]
    section: str = ""  # of the specification

    @property
    def state(self) -> State:
        """PASSED, BAD, or for grey HIDDEN by another failure, or NOT_RUN when not all of it ran."""
        states = {one.state for one in self.scenarios}
        if self.against:
            return State.BAD
        if states & {State.BAD, State.HIDDEN}:
            return State.HIDDEN
        return State.PASSED if State.PASSED in states <= {State.PASSED, State.SKIPPED} else State.NOT_RUN

    @property
    def word(self) -> str:
        """The state in words."""
        whole = " entero" * any(one.state is State.PASSED for one in self.scenarios)
        words = {State.PASSED: "se cumple", State.BAD: "no se cumple", State.HIDDEN: State.HIDDEN.one}
        return words.get(self.state, f"no se probó{whole}")

    @property
    def count(self) -> str:
        """How many of its scenarios passed, such as '3 de 4 escenarios pasan'."""
        asked = [one.state for one in self.scenarios if one.state is not State.SKIPPED]
        return f"{asked.count(State.PASSED)} de {len(asked)} escenarios pasan"


@dataclass(frozen=True)
class Verdict:
    """A sentence; good news (PASSED), bad (BAD) or none (NOT_RUN); and all that it rests on."""

    sentence: str
    state: State
    production: str  # whether the migration may go there; a rehearsal's sentence says so itself
    counts: str
    causes: Sequence[Cause]
    proofs: Sequence[Proof]


def conclude(run: Run) -> Verdict:
    """What the run proves, and never more."""
    found = causes(run)
    asked = list(proofs(run)) if run.scenarios else []
    return Verdict(*_verdict(run, found), counts(run), found, asked)


def counts(run: Run) -> str:
    """How scenarios ended, such as '14 escenarios: 13 pasan y 1 está mal'."""
    ended = [(state, len(those)) for state in State if (those := run.those(state))]
    words = spanish.listed([f"{number} {state.many if number > 1 else state.one}" for state, number in ended])
    return f"{len(run.scenarios)} escenario{'s' * (len(run.scenarios) != 1)}{': ' * bool(words)}{words}"


def _verdict(run: Run, found: Sequence[Cause]) -> tuple[str, State, str]:
    if said := run.about.rehearsal:
        return f"{said.verdict[:1].upper()}{said.verdict[1:].rstrip('.')}.", REHEARSED[said.state], ""
    if run.about.problem:
        return "No se pudo probar nada: no hay un Postgres donde ejecutar los escenarios.", State.NOT_RUN, UNKNOWN
    if any(one.finding and one.first.part != BESIDES for one in found):
        return f"No cumple: {_worst(found)}", State.BAD, MUST_NOT
    if found and not any(one.finding for one in found):
        return f"No se pudo probar todo: {_worst(found)}", State.BAD, UNKNOWN
    if not any(one.state in (State.PASSED, State.BAD) for one in run.scenarios):
        return "No se probó nada: ningún escenario se ejecutó.", State.NOT_RUN, UNKNOWN
    return _halves(run, found)


def _halves(run: Run, found: Sequence[Cause]) -> tuple[str, State, str]:
    """The verdict of a run in which all that the specification asks passed, as far as it ran."""
    total, ran = _passed(one for one in run.written if one.part != BESIDES)
    total_besides, ran_besides = _passed(one for one in run.written if one.part == BESIDES)
    part = ran < total or not ran
    asked = "lo que le pedimos" if run.optional else "la especificación"
    if found:
        said = f"No alcanza para decir que cumple {asked}: pasó una parte ({ran} de {total})"
        said = said if part else f"Cumple {asked}"
        return f"{said}. De lo que pedimos además, no cumple: {_worst(found)}", State.BAD, BOTH_ASKED
    if part:
        whole = f"({ran + ran_besides} de {total + total_besides})"
        said = f"Lo que se ejecutó cumple {whole}; no alcanza para decir que cumple {asked}."
        return said, State.NOT_RUN, UNKNOWN
    if ran_besides < total_besides:
        besides = f"de lo que pedimos además se ejecutó una parte ({ran_besides} de {total_besides})"
        return f"Cumple {asked}; {besides}.", State.NOT_RUN, UNKNOWN
    return f"Cumple {asked}{' y lo que pedimos además' if total_besides else ''}.", State.PASSED, MAY_GO


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


def proofs(run: Run) -> Iterator[Proof]:
    """All that is asked of the run's migration: by section, then by feature."""
    asked = [one for one in run.written if one.part == ASKED]
    found = counting(run.scenarios)
    for requirement in run.about.subject.requirements if run.about.subject else ():
        if its_own := [one for one in asked if requirement.tag in one.tags]:
            elsewhere = {key(each) for one, each in found if one.part == ASKED and requirement.tag not in one.tags}
            against = [
                one
                for one, each in found
                if one.part == ASKED and requirement.tag in one.tags
                if each.kind in requirement.asks or (each.kind in requirement.alone and key(each) not in elsewhere)
            ]
            yield Proof(requirement.text, ASKED, its_own, against, requirement.section)
    for feature in run.features:
        its_own = [one for one in run.written if one.file == feature.file]
        if its_own and its_own[0].part != ASKED:
            before = {key(each) for one, each in found if one.part == ASKED}
            against = [one for one, each in found if one.file == feature.file and key(each) not in before]
            yield Proof(feature.title, its_own[0].part, its_own, against)
