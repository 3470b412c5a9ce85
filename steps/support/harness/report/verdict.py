"""The verdict of a run, in one sentence, and the counts behind it."""

from dataclasses import dataclass

from steps.support.harness.report.model import Run
from steps.support.harness.report.requirements import Proof, proofs
from steps.support.harness.report.status import State


@dataclass(frozen=True)
class Verdict:
    """One sentence, and whether it is good news (PASSED), bad (FAILED, ERROR) or none (NOT_RUN)."""

    sentence: str
    state: State


@dataclass(frozen=True)
class Counts:
    """How many scenarios ended how; `broken` ones ended without an answer: error, pending, undefined."""

    planned: int
    passed: int
    failed: int
    broken: int
    skipped: int
    not_run: int


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


def verdict(run: Run) -> Verdict:
    """What the run proves. Every part of a run that proved nothing is said, never left out."""
    found, required = counts(run), proofs(run)
    if run.about.problem:
        return Verdict("No se pudo comprobar nada: no hubo un Postgres donde ejecutar los escenarios.", State.NOT_RUN)
    if found.failed:
        return _failed(found, required)
    if found.broken or any(feature.failure for feature in run.features):
        parts = [f"{_count(found.broken, '1 terminó', '{} terminaron')} con error"] * bool(found.broken)
        parts += [_not_run(found.not_run)] * bool(found.not_run)
        what = _joined(parts) or "falló la preparación"
        return Verdict(f"No se pudo comprobar todo: de {found.planned} escenarios, {what}.", State.ERROR)
    if not found.passed:
        return Verdict("No se comprobó nada: ningún escenario llegó a ejecutarse.", State.NOT_RUN)
    if found.not_run:
        rest = f"{_count(found.passed, 'pasa 1', 'pasan {}')} y {_not_run(found.not_run)}"
        return Verdict(f"Incompleto: de {found.planned} escenarios, {rest}.", State.NOT_RUN)
    return _good(found, required)


def _failed(found: Counts, required: list[Proof]) -> Verdict:
    unmet = sum(proof.state is State.FAILED for proof in required)
    parts = [f"{_count(found.failed, 'falla 1', 'fallan {}')} de {found.planned} escenarios"]
    parts += [_count(found.broken, "1 terminó con error", "{} terminaron con error")] * bool(found.broken)
    parts += [_not_run(found.not_run)] * bool(found.not_run)
    rest = _count(unmet, "no se cumple 1", "no se cumplen {}") + f" de los {len(required)} requisitos" if unmet else ""
    return Verdict(f"No cumple: {_joined(parts)}{'; ' if rest else ''}{rest}.", State.FAILED)


def _good(found: Counts, required: list[Proof]) -> Verdict:
    unproved = sum(proof.state is not State.PASSED for proof in required)
    skipped = f" ({_count(found.skipped, '1 se saltó', '{} se saltaron')})" if found.skipped else ""
    if unproved:
        rest = _count(unproved, "1 no se comprobó", "{} no se comprobaron")
        return Verdict(
            f"Lo ejecutado cumple: {_pass(found.passed)}{skipped}; "
            f"de los {len(required)} requisitos, {rest} en esta corrida.",
            State.NOT_RUN,
        )
    return Verdict(
        f"Cumple: {_pass(found.passed)}{skipped} y los {len(required)} requisitos quedan comprobados.", State.PASSED
    )


def _count(number: int, one: str, many: str) -> str:
    return one if number == 1 else many.format(number)


def _pass(number: int) -> str:
    return _count(number, "el único escenario pasa", "los {} escenarios pasan")


def _not_run(number: int) -> str:
    return _count(number, "1 no llegó a ejecutarse", "{} no llegaron a ejecutarse")


def _joined(parts: list[str]) -> str:
    return " y ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
