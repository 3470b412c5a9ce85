"""A rehearsal says "se puede migrar" of what was measured whole and lost nothing, and of nothing else."""

from dataclasses import replace
from typing import Any

import pytest

from steps.support.product import META_ADS
from steps.support.rehearsal import judge
from steps.support.rehearsal.verdict import AGAIN, LOCKED, RAN, SAME, Rehearsed, lines
from steps.support.traffic.watch import Watch
from tests.rehearsal.conftest import Rehearse
from tests.rehearsal.small import correct

MORE = """CREATE SEQUENCE public.numbers;
SELECT setval('public.numbers', 40);
CREATE INDEX by_phone ON public.patients (phone_number);
SELECT lo_from_bytea(4242, 'abc');
CREATE SCHEMA pages;
CREATE TABLE pages.t AS SELECT 1 AS x;
"""
HARMS = [
    ("DELETE FROM public.patients WHERE id % 2 = 0", "se pierden 2 pacientes"),
    (
        "UPDATE public.patients SET first_name = first_name || '.'",
        "cambian datos de patients.first_name en 4 pacientes",
    ),
    ("INSERT INTO public.tenants VALUES (3, 'Tres')", "aparece 1 fila de tenants que antes no había"),
    ("DELETE FROM tenants WHERE id = 1; INSERT INTO tenants VALUES (3, 'Una')", "se pierde 1 fila de tenants"),
    ("ALTER TABLE public.patients DROP first_name, ADD first_name text", "cambian datos de patients.first_name en 4 "),
    ("PERFORM setval('public.numbers', 1)", "cambia la secuencia numbers"),
    ("DROP INDEX public.by_phone", "desaparece el índice by_phone"),
    ("PERFORM pg_sleep(0.6)", "la migración retiene patients"),
    ("PERFORM lo_put(4242, 0, 'x')", "cambia"),
    ("ALTER TABLE public.patients DROP meta_ad_body", "falta la columna patients.meta_ad_body"),
    ("UPDATE pages.t SET x = 0", "pages.t"),
    ("CREATE TABLE public.mine (x int)", "aparece la tabla (un nombre que la copia no traía)"),
]
WAITS = "SELECT pg_sleep(0.3);\n"  # long enough for the watch to see


@pytest.mark.parametrize(("harm", "said"), HARMS, ids=[harm.split("(")[0][:40] for harm, _ in HARMS])
def test_harm_is_refused_and_named(harm: str, said: str, rehearse: Rehearse) -> None:
    found = rehearse(MORE, correct(f"{harm};"))
    assert found.state == "refused"
    assert said in "; ".join(found.refused)


def test_what_is_measured_is_told(rehearse: Rehearse) -> None:
    said = "\n".join(lines(rehearse(MORE, correct()).figures()))
    for figure in (
        r"Tablas y filas                3 tablas, 7 filas",
        "Pacientes                     4 pacientes de 2 clínicas",
        "Columnas agregadas            acquisition_source, meta_campaign_id, meta_ad_id, meta_ad_headline, meta",
        "Lo que había antes            igual, fila por fila",
        "Ejecutado de nuevo            no cambia nada ni bloquea la tabla",
        "Ejecutado y deshecho          no deja nada",
    ):
        assert figure in said
    assert lines(rehearse().figures())[-1].startswith("VEREDICTO: se puede migrar: 4 pacientes de 2 clínicas quedaron")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (correct().replace("BEGIN", "BEGIN LOCK TABLE public.patients;", 1), "bloquea patients otra vez"),
        (f"BEGIN; LOCK TABLE public.patients; {WAITS} COMMIT; {correct()}", "bloquea patients otra vez"),
        (correct().replace("END IF", "ELSE RAISE 'again'; END IF"), "al ejecutarlo de nuevo, el script se negó"),
        (correct().replace("END IF", "ELSE DELETE FROM public.tenants; END IF"), "de nuevo, se pierden 2 filas de ten"),
    ],
)  # fmt: skip
def test_a_second_run_changes_and_locks_nothing(script: str, said: str, rehearse: Rehearse) -> None:
    found = rehearse(MORE, script)
    assert found.state == "refused"
    assert said in "; ".join(found.refused), found.refused


def test_a_refusal_that_changed_nothing_says_so(rehearse: Rehearse) -> None:
    found = rehearse(script="DO $$ BEGIN RAISE 'no'; END $$;")
    assert found.verdict.startswith("no se puede migrar: el script se negó y no cambió nada")


def test_a_lock_that_may_have_been_too_long_is_incomplete(rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch) -> None:
    class Blind(Watch):
        def __exit__(self, *told: Any) -> None:
            super().__exit__(*told)
            self.held, self.gap = 0.480, 0.094

    monkeypatch.setattr(judge, "Watch", Blind)
    found = rehearse(script=correct())
    assert found.state == "incomplete"
    assert "pudo retener patients más de 500 ms: tomada 480 ms, mirando cada 94 ms" in found.verdict


@pytest.mark.parametrize("lacks", [RAN, SAME, LOCKED, AGAIN])
def test_what_was_not_measured_is_not_accepted(lacks: str) -> None:
    whole = dict.fromkeys((RAN, SAME, LOCKED, AGAIN), "…")
    found = Rehearsed(META_ADS, META_ADS.script, "s", "18", measured=whole, counts={"patients": 1})
    assert found.state == "accepted"
    assert replace(found, interrupted=True).state != "accepted"
    assert replace(found, unmeasured=["algo"]).state != "accepted"
    assert replace(found, refused=["algo"]).state != "accepted"
    del whole[lacks]
    assert found.state != "accepted"
