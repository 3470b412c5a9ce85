"""Why a step, a scenario or a feature ended badly, from what behave keeps of it."""

import re
import traceback
from collections.abc import Iterator
from typing import Any

from behave.model_type import Status

from steps.support.harness.redaction import redacted
from steps.support.harness.report import catalogue
from steps.support.harness.report.status import Comparison, Failure

PAIRS = {"esperado": "obtenido", "antes": "ahora"}
_LABEL = re.compile(r"^(?P<indent>\s+)(?P<label>esperado|obtenido|antes|ahora): (?P<value>.*)$")
_HOOK = re.compile(r"^HOOK-ERROR in (?P<hook>[^:]+): (?P<text>.*)$", re.S)
_STATEMENT = re.compile(r"\n\[SQL: .*", re.S)
_CLEANUP = re.compile(r"^CLEANUP-ERROR in (?P<what>[^:]+): (?P<text>.*)$")


def of_step(step: Any) -> Failure | None:
    """The failure of a step; None for one that did not end badly."""
    if step.status.is_undefined():
        near = "\n".join(f"    {phrase}" for phrase in catalogue.like(step.name, step.step_type))
        return Failure(
            "Nadie definió este paso.", findings=f"  Las frases más parecidas que hay:\n{near}" if near else ""
        )
    if not step.status.has_failed():
        return None
    return of_hook(step.error_message) if step.hook_failed else _of_error(step.status, step.exception)


def _of_error(status: Status, error: BaseException) -> Failure:
    if isinstance(error, KeyboardInterrupt):
        return Failure("La corrida se interrumpió en este paso.")
    if status == Status.pending:
        return Failure(f"El paso está pendiente: {error}" if str(error) else "El paso está pendiente.")
    if isinstance(error, AssertionError):
        return of_assertion(str(error)) or Failure("La comprobación no se cumple, y no dice más.", trace=_trace(error))
    # SQLAlchemy's statement and link stay in the trace: what happened is what Postgres says before them.
    said = _STATEMENT.sub("", redacted(f"{type(error).__name__}: {error}"))
    subject, _, rest = said.strip().partition("\n")
    return Failure(subject, findings=_indented(rest), trace=_trace(error))


def of_assertion(message: str) -> Failure | None:
    """What an assertion says, in its parts: a sentence, then lines 'esperado: …' and 'obtenido: …', or findings."""
    subject, _, rest = redacted(message).strip().partition("\n")
    if not subject:
        return None
    comparisons: list[Comparison] = []
    findings: list[str] = []
    for part in _parts(rest.splitlines()):
        (comparisons if isinstance(part, Comparison) else findings).append(part)  # type: ignore[arg-type]
    return Failure(subject, comparisons, "\n".join(findings))


def of_hook(message: str | None) -> Failure:
    """What a hook's error says: the reason why a scenario could not begin or end."""
    found = _HOOK.match(redacted(message or "").strip())
    if not found:
        return Failure(message or "Falló un gancho, y no dice más.")
    when = "La preparación falló" if found["hook"].startswith("before") else "Lo que sigue al final falló"
    subject, _, rest = found["text"].strip().partition("\n")
    return Failure(f"{when} ({found['hook']}): {subject}", findings=rest)


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


def _parts(lines: list[str]) -> Iterator[Comparison | str]:
    while lines:
        line = lines.pop(0)
        what = ""
        following = _LABEL.match(lines[0]) if lines and not _LABEL.match(line) else None
        if following and len(following["indent"]) > len(line) - len(line.lstrip()):
            what, line = line.strip(), lines.pop(0)
        found = _LABEL.match(line)
        if not found:
            yield line
            continue
        value = _value(found, lines)
        other = PAIRS.get(found["label"])
        second = _LABEL.match(lines[0]) if other and lines else None
        if other and second and second["label"] == other:
            lines.pop(0)
            yield Comparison(_value(second, lines), value, what, (found["label"], other))
        else:
            yield Comparison(value, what=what, labels=("", found["label"]))


def _value(found: re.Match[str], lines: list[str]) -> str:
    """The labelled value with the deeper lines that continue it."""
    value = [found["value"]]
    while lines and len(lines[0]) - len(lines[0].lstrip()) > len(found["indent"]) and not _LABEL.match(lines[0]):
        value.append(lines.pop(0).strip())
    return "\n".join(value)


def _indented(text: str) -> str:
    return "\n".join(f"  {line}".rstrip() for line in text.splitlines())


def _trace(error: BaseException) -> str:
    return redacted("".join(traceback.format_exception(error))).rstrip()
