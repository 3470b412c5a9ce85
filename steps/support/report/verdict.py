"""What a run comes to: its causes, its requirements, how many scenarios ended how, and the verdict over all."""

from collections.abc import Sequence
from dataclasses import dataclass

from steps.support import spanish
from steps.support.report import causes, requirements
from steps.support.report.causes import Cause
from steps.support.report.model import Run
from steps.support.report.requirements import Proof
from steps.support.report.status import State

REHEARSED = {"accepted": State.PASSED, "refused": State.FAILED, "incomplete": State.NOT_RUN}


@dataclass(frozen=True)
class Verdict:
    """A sentence, whether it is good news (PASSED), bad (FAILED, ERROR) or none (NOT_RUN), and its figures."""

    sentence: str
    state: State
    detail: str = ""


@dataclass(frozen=True)
class Counts:
    """How many scenarios ended how; `broken` ones ended without an answer: error, pending, undefined."""

    planned: int
    passed: int
    failed: int
    broken: int
    skipped: int
    not_run: int

    def __str__(self) -> str:
        parts = [(self.passed, "pasa", "pasan"), (self.failed, "falla", "fallan"),
                 (self.broken, "terminó con error", "terminaron con error"),
                 (self.skipped, "se saltó", "se saltaron"), (self.not_run, "no corrió", "no corrieron")]  # fmt: skip
        said = [f"{number} {one if number == 1 else many}" for number, one, many in parts if number]
        noun = "escenario" if self.planned == 1 else "escenarios"
        return f"{self.planned} {noun}: {spanish.listed(said)}" if said else "ningún escenario"


@dataclass(frozen=True)
class Conclusions:
    """All that a run comes to."""

    verdict: Verdict
    counts: Counts
    causes: Sequence[Cause]
    proofs: Sequence[Proof]


def conclude(run: Run) -> Conclusions:
    """What the run proves, and never more."""
    found = counts(run)
    why = causes.causes(run)
    proofs = requirements.proofs(run, why)
    verdict = _rehearsed(run, found) or _verdict(run, found, why, proofs)
    detail = _detail(found, proofs) if not run.about.problem else ""
    return Conclusions(Verdict(verdict.sentence, verdict.state, detail), found, why, proofs)


def counts(run: Run) -> Counts:
    """How the run's scenarios ended; those a stopped run never came to are in `not_run`."""
    states = [scenario.state for scenario in run.scenarios]
    missing = max(0, run.about.planned - len(states))
    failed = states.count(State.FAILED)
    return Counts(
        planned=len(states) + missing,
        passed=states.count(State.PASSED),
        failed=failed,
        broken=sum(state.bad for state in states) - failed,
        skipped=states.count(State.SKIPPED),
        not_run=states.count(State.NOT_RUN) + missing,
    )


def _rehearsed(run: Run, found: Counts) -> Verdict | None:
    """The verdict of a rehearsal, the worst first; never good news of a run that has bad ones."""
    told = [(REHEARSED[one.state], one.verdict) for one in run.rehearsals]
    order = (State.FAILED, State.NOT_RUN, State.PASSED)
    told.sort(key=lambda one: order.index(one[0]))
    if not told or (told[0][0] is State.PASSED and (found.failed or found.broken or found.not_run)):
        return None
    sentence = " ".join(f"{said[:1].upper()}{said[1:].rstrip('.')}." for _, said in told)
    return Verdict(sentence, told[0][0])


def _verdict(run: Run, found: Counts, why: Sequence[Cause], required: Sequence[Proof]) -> Verdict:
    if run.about.problem:
        return Verdict("No se pudo comprobar nada: no hubo un Postgres donde ejecutar los escenarios.", State.NOT_RUN)
    if found.failed:
        return Verdict(f"No cumple: {_because(found.failed + found.broken, why)}.", State.FAILED)
    if found.broken:
        return Verdict(f"No se pudo comprobar todo: {_because(found.broken, why)}.", State.ERROR)
    if any(feature.failure for feature in run.features):
        return Verdict("No se pudo comprobar todo: falló la preparación.", State.ERROR)
    return _without_failures(found, required)


def _without_failures(found: Counts, required: Sequence[Proof]) -> Verdict:
    if not found.passed:
        return Verdict("No se comprobó nada: ningún escenario llegó a ejecutarse.", State.NOT_RUN)
    if found.not_run:
        rest = _many(found.not_run, "1 escenario no llegó", "{} escenarios no llegaron")
        return Verdict(f"Incompleto: {rest} a ejecutarse.", State.NOT_RUN)
    if any(proof.state is not State.PASSED for proof in required):
        return Verdict("Lo que se ejecutó cumple, y no fue todo.", State.NOT_RUN)
    return Verdict("Cumple todo lo que pide la especificación.", State.PASSED)


def _because(bad: int, why: Sequence[Cause]) -> str:
    if len(why) > 1:
        return f"hay {len(why)} causas, por las que {_many(bad, 'cae 1 escenario', 'caen {} escenarios')}"
    return f"{_many(bad, '1 escenario cae', '{} escenarios caen por lo mismo')}: {why[0].sentence}"


def _detail(found: Counts, required: Sequence[Proof]) -> str:
    states = [proof.state for proof in required]
    told = [
        (states.count(State.PASSED), "1 se cumple", "{} se cumplen"),
        (states.count(State.FAILED), "1 no se cumple", "{} no se cumplen"),
        (states.count(State.ERROR), "1 no se pudo comprobar", "{} no se pudieron comprobar"),
    ]
    unproved = len(states) - sum(number for number, _, _ in told)
    told.append((unproved, "1 no se comprobó", "{} no se comprobaron"))
    said = spanish.listed([_many(number, one, many) for number, one, many in told if number])
    noun = "requisito" if len(states) == 1 else "requisitos"
    return f"{str(found).capitalize()}." + (f" {len(states)} {noun}: {said}." if states else "")


def _many(number: int, one: str, many: str) -> str:
    return one if number == 1 else many.format(number)
