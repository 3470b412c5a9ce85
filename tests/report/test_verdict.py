"""What is said of a run: the gravest first, each cause once, nothing green that was not tried."""

from dataclasses import replace

import pytest

from steps.support.finding import Finding, Kind, Rows
from steps.support.report.causes import causes
from steps.support.report.run import About, Run, State
from steps.support.report.verdict import BOTH_ASKED, MAY_GO, MUST_NOT, UNKNOWN, conclude, proofs
from tests.report.runs import BESIDES, FAILED, LOST, MISSING, QUEUED, SUBJECT, rehearsed, run, scenario

PART = "Lo que se ejecutó cumple ({}); no alcanza para decir que cumple la especificación."
CASES = {
    "all passed": (
        run(scenario(), scenario(file=BESIDES)),
        "Cumple la especificación y lo que pedimos además.", State.PASSED, MAY_GO,
    ),
    "an optional migration, of which the specification asks nothing": (
        replace(run(scenario()), about=About(subject=replace(SUBJECT, optional=True))),
        "Cumple lo que le pedimos.", State.PASSED, MAY_GO,
    ),
    "what we ask besides in part": (
        run(scenario(), scenario(file=BESIDES), beside=[scenario(file=BESIDES)]),
        "Cumple la especificación; de lo que pedimos además se ejecutó una parte (1 de 2).", State.NOT_RUN, UNKNOWN,
    ),
    "an interruption": (
        run(scenario(), scenario(state=State.NOT_RUN)),
        PART.format("1 de 2"), State.NOT_RUN, UNKNOWN,
    ),
    "skipped for a reason": (
        run(scenario(), scenario(state=State.SKIPPED)), "Cumple la especificación.", State.PASSED, MAY_GO,
    ),
    "all that the specification asks skipped": (
        run(scenario(state=State.SKIPPED), scenario(file=BESIDES)),
        PART.format("1 de 1"), State.NOT_RUN, UNKNOWN,
    ),
    "nothing ran": (
        run(scenario(state=State.SKIPPED)), "No se probó nada: ningún escenario se ejecutó.", State.NOT_RUN, UNKNOWN,
    ),
    "the gravest of three causes": (
        run(scenario(FAILED), scenario(MISSING), scenario(LOST), scenario(QUEUED, file=BESIDES)),
        "No cumple: se pierde 1 paciente (id 137, clínica 5). Y 3 motivos más.", State.BAD, MUST_NOT,
    ),
    "the gravest, wherever it is": (
        run(scenario(MISSING), scenario(LOST, file=BESIDES)),
        "No cumple: se pierde 1 paciente (id 137, clínica 5). Y 1 motivo más.", State.BAD, MUST_NOT,
    ),
    "values too long for a headline": (
        run(scenario(Finding(Kind.VALUE_WRONG, "patients", "meta_ad_body", "a" * 100, "b" * 100))),
        "No cumple: patients.meta_ad_body no es lo que se esperaba.", State.BAD, MUST_NOT,
    ),
    "what we ask besides alone": (
        run(scenario(), scenario(QUEUED, file=BESIDES)),
        "Cumple la especificación. De lo que pedimos además, no cumple: la migración hace cola por la tabla "
        "ocupada, y las clínicas esperan detrás.", State.BAD, BOTH_ASKED,
    ),
    "what the specification asks, found after what we ask besides": (
        run(scenario(QUEUED, file=BESIDES), scenario(QUEUED, file="features/z.feature")),
        "No cumple: la migración hace cola por la tabla ocupada, y las clínicas esperan detrás.", State.BAD, MUST_NOT,
    ),
    "an error hid what the specification asks": (
        run(scenario(error="KeyError: 'x'"), scenario(QUEUED, file=BESIDES)),
        "No alcanza para decir que cumple la especificación: pasó una parte (0 de 1). De lo que pedimos además, "
        "no cumple: la migración hace cola por la tabla ocupada, y las clínicas esperan detrás.",
        State.BAD, BOTH_ASKED,
    ),
    "an error of the suite": (
        run(scenario(), scenario(error="KeyError: 'x'")), "No se pudo probar todo: KeyError: 'x'.", State.BAD, UNKNOWN,
    ),
    "no server": (
        run(scenario(state=State.NOT_RUN), problem="no engine"),
        "No se pudo probar nada: no hay un Postgres donde ejecutar los escenarios.", State.NOT_RUN, UNKNOWN,
    ),
    "a rehearsal, accepted": (
        rehearsed("accepted", "se puede migrar: 4.812 pacientes quedaron como estaban."),
        "Se puede migrar: 4.812 pacientes quedaron como estaban.", State.PASSED, "",
    ),
    "a rehearsal, refused": (
        rehearsed("refused", "no se puede migrar: cambia la restricción x"),
        "No se puede migrar: cambia la restricción x.", State.BAD, "",
    ),
    "a rehearsal, incomplete": (
        rehearsed("incomplete", "incompleto: la copia no tiene la tabla patients."),
        "Incompleto: la copia no tiene la tabla patients.", State.NOT_RUN, "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("made", "sentence", "state", "production"), CASES.values(), ids=CASES)
def test_the_verdict_is_about_the_whole_or_says_of_how_much(
    made: Run, sentence: str, state: State, production: str
) -> None:
    found = conclude(made)
    assert (found.sentence, found.state, found.production) == (sentence, state, production)


def test_a_cause_is_there_once_with_all_that_found_it() -> None:
    other = Finding(Kind.COLUMN_WRONG, "patients", "meta_ad_id", "VARCHAR", "JSONB")
    made = run(scenario(MISSING), scenario(other, QUEUED), scenario(QUEUED, file=BESIDES), scenario(LOST))
    found = causes(made)
    assert [(one.finding and one.finding.kind, len(one.scenarios)) for one in found] == [
        (Kind.ROWS_LOST, 1), (Kind.COLUMN_MISSING, 2), (Kind.QUEUED, 2),
    ]  # fmt: skip
    assert found[1].sentence == "falta la columna patients.meta_ad_id"


def test_an_error_beside_a_finding_accuses_nothing() -> None:
    made = run(scenario(MISSING), scenario(error="UndefinedColumn: meta_ad_id"))
    assert [one.sentence for one in causes(made)] == ["falta la columna patients.meta_ad_id"]
    assert [one.state for one in made.scenarios] == [State.BAD, State.HIDDEN]


@pytest.mark.parametrize("graver", [MISSING, FAILED, QUEUED])
def test_what_follows_from_a_graver_finding_accuses_nothing(graver: Finding) -> None:
    refusing = Finding(Kind.NOT_REFUSED, before="55P03", after="42601")
    made = run(scenario(refusing), scenario(graver))
    assert [one.finding for one in causes(made)] == [graver]
    assert [one.state for one in made.scenarios] == [State.HIDDEN, State.BAD]
    assert len(causes(run(scenario(refusing)))) == 1


def test_the_migrations_own_table_is_named_before_what_falls_with_it() -> None:
    cascade = Finding(Kind.ROWS_LOST, "appointments", before=Rows(1, ("id 20",)))
    assert conclude(run(scenario(cascade, LOST))).sentence == ("No cumple: se pierde 1 paciente (id 137, clínica 5).")


def test_five_columns_that_are_missing_are_one_cause() -> None:
    names = ("acquisition_source", "meta_campaign_id", "meta_ad_id", "meta_ad_headline", "meta_ad_body")
    found = causes(run(*[scenario(Finding(Kind.COLUMN_MISSING, "patients", name)) for name in names]))
    assert [one.sentence for one in found] == ["falta la columna patients.acquisition_source, y 4 más así"]
    assert found[0].more[3] == "falta la columna patients.meta_ad_body"


@pytest.mark.parametrize(
    ("made", "states"),
    [
        (run(scenario(tags="req-columnas req-datos")), "green green"),
        (run(scenario(MISSING, tags="req-columnas req-datos")), "red grey"),
        (run(scenario(LOST, tags="req-columnas req-datos")), "grey red"),
        (run(scenario(tags="req-datos"), beside=[scenario(tags="req-datos")]), "grey"),
        (run(scenario(state=State.SKIPPED)), "grey"),
        (run(scenario(state=State.SKIPPED), scenario()), "green"),
        (run(scenario(), scenario(error="KeyError")), "grey"),
        (run(scenario(FAILED, tags="req-idempotente")), "red"),
        (run(scenario(FAILED, tags="req-idempotente req-datos")), "grey red"),
        (run(scenario(FAILED, tags="req-idempotente"), scenario(FAILED)), "grey grey"),
        (run(scenario(LOST, tags="req-idempotente"), scenario(LOST)), "red grey"),
        (run(scenario(LOST, tags="req-idempotente"), scenario()), "green red"),
        (run(scenario(QUEUED, file=BESIDES), scenario()), "green red"),
        (run(scenario(LOST, file=BESIDES), scenario(LOST)), "red grey"),
        (run(scenario(file=BESIDES), beside=[scenario(file=BESIDES)]), "grey"),
    ],
)
def test_a_requirement_is_red_by_what_it_asks_and_grey_by_all_else(made: Run, states: str) -> None:
    colours = {State.PASSED: "green", State.BAD: "red"}
    assert " ".join(colours.get(one.state, "grey") for one in proofs(made)) == states
