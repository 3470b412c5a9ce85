"""Why a step, a scenario or a feature ended badly, from what behave keeps of it."""

import re
import textwrap
import traceback
from typing import Any

from behave.model_type import Status

from steps.support import spanish
from steps.support.expect import Comparison, UnmetError
from steps.support.redaction import redacted
from steps.support.report import catalogue
from steps.support.report.status import Failure

_HOOK = re.compile(r"^HOOK-ERROR in (?P<hook>[^:]+): (?P<text>.*)$", re.S)
_STATEMENT = re.compile(r"\n\[SQL: .*", re.S)
_CLEANUP = re.compile(r"^CLEANUP-ERROR in (?P<what>[^:]+): (?P<text>.*)$")


def of_step(step: Any) -> Failure | None:
    """The failure of a step; None for one that did not end badly."""
    if step.status.is_undefined():
        near = [f"  {phrase}" for phrase in catalogue.like(step.name, step.step_type)]
        findings = ["Las frases más parecidas que hay:", *near] if near else ()
        return Failure("Nadie definió este paso.", findings=findings)
    if not step.status.has_failed():
        return None
    error = step.exception
    if step.hook_failed and not step.error_message:  # behave loses the message, and keeps what was raised
        return Failure(
            f"Lo que acompaña al paso falló: {redacted(f'{type(error).__name__}: {error}')}", trace=_trace(error)
        )
    return _of_error(step.status, error)


def _of_error(status: Status, error: BaseException) -> Failure:
    if isinstance(error, KeyboardInterrupt):
        return Failure("La corrida se interrumpió en este paso.")
    if status == Status.pending:
        return Failure(f"El paso está pendiente: {error}" if str(error) else "El paso está pendiente.")
    if isinstance(error, AssertionError):
        return of_assertion(error) or Failure("La comprobación no se cumple, y no dice más.", trace=_trace(error))
    # SQLAlchemy's statement and link stay in the trace: what happened is what Postgres says before them.
    said = _STATEMENT.sub("", redacted(f"{type(error).__name__}: {error}")).strip()
    if refusal := spanish.refusal(getattr(getattr(error, "orig", None), "pgcode", None)):
        return Failure(f"{refusal}.", findings=_lines(said), trace=_trace(error))
    subject, _, rest = said.partition("\n")
    return Failure(subject, findings=_lines(rest), trace=_trace(error))


def of_assertion(error: BaseException) -> Failure | None:
    """What an assertion says, in its parts; None for one without words."""
    if isinstance(error, UnmetError):
        comparisons = [
            Comparison(redacted(one.obtained), redacted(one.expected), redacted(one.what)) for one in error.comparisons
        ]
        findings = tuple(map(redacted, error.findings))
        return Failure(redacted(error.subject), comparisons, findings, deviations=error.deviations)
    subject, _, rest = redacted(str(error)).strip().partition("\n")
    return Failure(subject, findings=_lines(rest)) if subject else None


def of_hook(message: str | None) -> Failure:
    """What a hook's error says: the reason why a scenario could not begin or end."""
    found = _HOOK.match(redacted(message or "").strip())
    if not found:
        return Failure(message or "Falló un gancho, y no dice más.")
    when = "La preparación falló" if found["hook"].startswith("before") else "Lo que sigue al final falló"
    subject, _, rest = found["text"].strip().partition("\n")
    return Failure(f"{when} ({found['hook']}): {subject}", findings=_lines(rest))


def of_cleanup(statement: Any) -> Failure:
    """What a cleanup's error says; behave keeps it only in what it captured."""
    for captured in statement.captured.captures:
        lines = redacted(captured.stdout).splitlines()
        for number, line in enumerate(lines):
            if found := _CLEANUP.match(line):
                return Failure(f"La limpieza falló: {found['text']}", trace="\n".join(lines[number + 1 :]))
    return Failure("La limpieza falló, y no dice más.")


def of_statement(statement: Any) -> Failure | None:
    """The failure of a scenario's, rule's or feature's own hooks and cleanups."""
    if statement.hook_failed:
        return of_hook(statement.error_message)
    if statement.status == Status.cleanup_error:
        return of_cleanup(statement)
    return None


def _lines(text: str) -> tuple[str, ...]:
    return tuple(textwrap.dedent(text).splitlines())


def _trace(error: BaseException) -> str:
    return redacted("".join(traceback.format_exception(error))).rstrip()
