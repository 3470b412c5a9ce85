"""Runs made by hand: what the report says of one is asked without behave or Postgres."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import steps.support.product  # noqa: F401  gives spanish the words for rows
from steps.support import spanish
from steps.support.finding import LOSS, Figures, Finding, Kind, Rows
from steps.support.report.causes import settled
from steps.support.report.run import About, Failure, Feature, Run, Scenario, State, Step
from steps.support.subject import Requirement, Subject

LOST = Finding(Kind.ROWS_LOST, "patients", before=Rows(1, ("id 137, clínica 5",)))
MISSING = Finding(Kind.COLUMN_MISSING, "patients", "meta_ad_id")
QUEUED = Finding(Kind.QUEUED, "patients", after="ACCESS EXCLUSIVE")
FAILED = Finding(Kind.SCRIPT_FAILED, name="la migración", what="42601")
ASKED, BESIDES = "features/a.feature", "features/ademas/b.feature"

SUBJECT = Subject(
    name="Columnas", script=Path("migrations/01_x.sql"), revision="2", previous="1", table="patients", columns={},
    rows="pacientes", insert="", requirements=(
        Requirement("req-columnas", "2. Requerimientos", "Hay cinco columnas.", frozenset({Kind.COLUMN_MISSING})),
        Requirement("req-datos", "3. Criterios", "No se pierde nada.", LOSS),
        Requirement("req-idempotente", "3. Criterios", "Se puede repetir.", alone=LOSS | {Kind.SCRIPT_FAILED}),
    ),
)  # fmt: skip
_numbers = count(1)


def scenario(
    *findings: Finding, file: str = ASKED, tags: str = "req-datos", state: State = State.PASSED, error: str = ""
) -> Scenario:
    """One that found these, or ended with an error, or in a state."""
    lines = [error] if error else list(spanish.lines(findings))
    why = Failure(lines, findings) if lines else None
    number = next(_numbers)
    return Scenario(
        title=f"Escenario {number}",
        place=f"{file}:{number}",
        state=State.BAD if why else state,
        steps=[Step("Entonces", "nada se pierde", number, State.BAD if why else State.PASSED, why, expects=True)],
        tags=frozenset(tags.split()),
    )


def run(
    *scenarios: Scenario, beside: Sequence[Scenario] = (), problem: str = "", rehearsal: Figures | None = None
) -> Run:
    """A run of these; those beside are written and not in it."""
    files = sorted({one.file for one in scenarios})
    made = Run(
        features=[Feature(f"De {file}", file, [one for one in scenarios if one.file == file]) for file in files],
        about=About("Anuncios", SUBJECT, "18", "migrations/01_x.sql", "ab" * 32, problem, rehearsal=rehearsal),
        began=datetime(2026, 11, 27, 9, 30, tzinfo=UTC),
        seconds=12.0,
        unselected=[replace(one, state=State.NOT_RUN) for one in beside],
    )
    return settled(made)


def rehearsed(state: str, verdict: str) -> Run:
    """A rehearsal, in which no scenario runs."""
    return run(rehearsal=Figures("Ensayo", verdict, {"Pacientes": "4.812"}, state))
