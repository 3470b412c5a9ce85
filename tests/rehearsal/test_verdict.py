"""A rehearsal says "se puede migrar" of what was rehearsed whole and harmed nobody, and of nothing else."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from steps.support.expect import Comparison, UnmetError
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from steps.support.postgres.server import Server, connect
from steps.support.product import META_ADS
from steps.support.rehearsal import endings
from steps.support.rehearsal.endings import Ending, missing
from steps.support.rehearsal.findings import Findings, State
from tests.rehearsal.snapshots import dump
from tests.rehearsal.test_rehearsal import CANDIDATE, rehearse

Dumped = Callable[[str], Path]
ONE = ("-n", "suelta la tabla enseguida")
BODY = "    END IF;"


def with_harm(folder: Path, sql: str) -> Path:
    """A correct script with more at its end."""
    script = folder / "harm.sql"
    script.write_text(CANDIDATE.read_text().replace(BODY, f"    {sql};\n{BODY}"))
    return script


def verdict(stdout: str) -> str:
    (line,) = [line for line in stdout.splitlines() if line.startswith("VEREDICTO: ")]
    return line.removeprefix("VEREDICTO: ")


@pytest.mark.parametrize(
    "selection", [ONE, ("-t", "req-idempotente"), ("features/repeticion.feature",), ("-n", "ORGANIC", "--stop")]
)
def test_a_selection_is_incomplete_and_says_what_did_not_run(
    selection: tuple[str, ...], dumped: Dumped, server: Server
) -> None:
    done = rehearse(dumped("custom.dump"), *selection, on=server)
    assert done.returncode == 1
    assert verdict(done.stdout).startswith("incompleto, no alcanza para migrar: de 9 escenarios sobre datos existentes")
    assert "«Meta Ads: no recorre los datos uno por uno»" in verdict(done.stdout)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ("DELETE FROM public.patients WHERE id % 2 = 0", "patients: faltan 150 filas: id 2, 4, 6"),
        ("DELETE FROM public.patients WHERE id = 217", "patients: falta 1 fila: id 217"),
        ("UPDATE public.patients SET last_name = last_name || '.' WHERE id = 217",
         "patients: cambió 1 fila: id 217 (last_name"),
        ("PERFORM setval('public.module_7_id_seq', 1)", "secuencia module_7_id_seq: cambió"),
        ("DELETE FROM public.module_7 WHERE id = 3", "module_7: falta 1 fila: id 3"),
        ("IF (SELECT count(*) > 250 FROM public.patients) THEN DROP INDEX public.patients_tags_idx; END IF",
         "índice patients_tags_idx: desapareció"),
        ("PERFORM pg_sleep(0.9)", "retuvo la tabla patients "),
        ("PERFORM lo_put(4242, 0, 'x')", "objetos grandes de la base de datos: cambió"),
        ("ALTER TABLE public.patients DROP meta_ad_body", "la columna meta_ad_body no queda como se pide: no existe"),
        ("UPDATE pages.t SET x = 0", "pages.t: falta 1 fila: id #"),
    ],
)  # fmt: skip
def test_harm_is_refused_whichever_scenario_is_asked(
    harm: str, said: str, rich: Path, tmp_path: Path, server: Server
) -> None:
    done = rehearse(rich, *ONE, script=with_harm(tmp_path, harm), on=server)
    assert done.returncode == 1
    assert verdict(done.stdout).startswith("no se puede migrar (300 pacientes de 3 clínicas): ")
    assert f"No se puede: {said}" in done.stdout


def test_a_transaction_left_prepared_is_refused_and_not_waited_for(
    dumped: Dumped, tmp_path: Path, server: Server
) -> None:
    with connect(server.url) as connection:
        if not int(connection.exec_driver_sql("SHOW max_prepared_transactions").scalar() or 0):
            pytest.skip("the server prepares none")
    script = tmp_path / "harm.sql"
    left = "BEGIN; LOCK TABLE public.patients IN ACCESS EXCLUSIVE MODE; PREPARE TRANSACTION 'it''s left';\n"
    script.write_text(CANDIDATE.read_text() + left)
    done = rehearse(dumped("custom.dump"), script=script, on=server)
    assert done.returncode == 1
    assert "deja una transacción preparada, con sus bloqueos" in verdict(done.stdout)


@pytest.fixture(scope="module")
def rich(source: Database, server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A dump of a database with what the product's has not: a large object, another schema."""
    pool = Pool(server)
    database = pool.clone(source, "rich")
    with database.connect() as connection:
        connection.exec_driver_sql("SELECT lo_from_bytea(4242, 'abc')")
        connection.exec_driver_sql("CREATE SCHEMA pages; CREATE TABLE pages.t AS SELECT 1 AS x")
    yield dump(database, tmp_path_factory.mktemp("rich"), "custom.dump")
    pool.drop_all(but=set())


def test_a_script_that_does_nothing_is_refused(dumped: Dumped, tmp_path: Path, server: Server) -> None:
    script = tmp_path / "nothing.sql"
    script.write_text("DO $$ BEGIN END $$;")
    done = rehearse(dumped("custom.dump"), "-n", "ningún dato de ninguna", script=script, on=server)
    assert done.returncode == 1
    assert verdict(done.stdout).startswith("no se puede migrar")
    assert "la columna meta_ad_body no queda como se pide: no existe, y se pide TEXT" in done.stdout


def test_a_script_that_breaks_its_connection_proves_nothing(dumped: Dumped, tmp_path: Path, server: Server) -> None:
    script = with_harm(tmp_path, "PERFORM pg_terminate_backend(pg_backend_pid())")
    done = rehearse(dumped("custom.dump"), script=script, on=server)
    assert done.returncode == 1
    assert verdict(done.stdout).startswith("incompleto, no alcanza para migrar: el script no llegó a ensayarse; ")
    assert "el servidor del ensayo dejó de responder" in verdict(done.stdout)
    assert "bloqueada" not in done.stdout


def test_a_refusal_reads_as_what_it_is(source: Database, server: Server, tmp_path: Path) -> None:
    pool = Pool(server)
    database = pool.clone(source, "viewed")
    with database.connect() as connection:
        connection.exec_driver_sql("CREATE VIEW by_source AS SELECT acquisition_source FROM patients")
    path = dump(database, tmp_path, "custom.dump")
    pool.drop_all(but=set())
    done = rehearse(path, script=META_ADS.script, on=server)
    assert done.returncode == 1
    assert "el script se negó y no cambió nada. Primero hay que resolver lo que dice: ERROR 42804" in done.stdout
    assert "by_source" in verdict(done.stdout)
    assert "failed" not in done.stdout, "its scenarios would say the same once more each"
    assert "está dicho en el veredicto" not in done.stdout.partition("Ensayo sobre datos reales")[2]


def test_what_was_there_is_not_ticked_as_new(dumped: Dumped, server: Server) -> None:
    done = rehearse(dumped("custom.dump"), "--format=progress3", on=server)
    assert done.returncode == 0
    assert (
        "Para mirar antes: Los pacientes de siempre figuran como ORGANIC: acquisition_source ya estaba" in done.stdout
    )
    assert "0 con ORGANIC, 240 con otro valor, 60 en blanco" in done.stdout


WHOLE = Findings(
    subject=META_ADS, snapshot="s", server="18.6", own_rows=3, tables=1, rows=3, tenants=1, longest_lock=0.01,
    evidence_before="a", evidence_after="a",
)  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, State.ACCEPTED),
        ({"evidence_after": None}, State.INCOMPLETE),
        ({"evidence_after": "b"}, State.INCOMPLETE),
        ({"longest_lock": None}, State.INCOMPLETE),
        ({"own_rows": None}, State.INCOMPLETE),
        ({"missing": ("x",)}, State.INCOMPLETE),
        ({"problems": ("x",)}, State.REFUSED),
        ({"problems": ("x",), "missing": ("y",)}, State.REFUSED),
    ],
)
def test_only_what_was_measured_whole_is_accepted(changes: dict[str, object], state: State) -> None:
    found = Findings(**{**vars(WHOLE), **changes})
    assert found.state is state
    assert found.figures().state == state
    assert ("se puede migrar: 3 pacientes" in found.verdict) == (state is State.ACCEPTED)
    told = json.loads(json.dumps(found.as_dict()))
    assert told["verdict"] == state
    assert all(name in told or value is None for name, value in vars(found).items() if name.endswith("_after"))


@pytest.mark.parametrize(
    ("kind", "reasons", "headline"),
    [
        ("problems", ("el script se negó. Lo que dice: ERROR 42804: x is bigint. HINT: y",), "el script se negó"),
        ("problems", ("patients: sobra 1 fila: id 7", "y", "z"), "patients: sobra 1 fila: id 7 (y 2 motivos más)"),
        ("missing", ("de 9 no corrieron 2: «A», «B»", "el ensayo se interrumpió"),
         "de 9 no corrieron 2; el ensayo se interrumpió"),
    ],
)  # fmt: skip
def test_the_headline_is_short_and_the_reasons_come_first(kind: str, reasons: tuple[str, ...], headline: str) -> None:
    figures = replace(WHOLE, **{kind: reasons}).figures()  # type: ignore[arg-type]
    assert figures.verdict.endswith(f": {headline}.")
    assert figures.figures[0].value == "\n".join(reasons)


def test_a_figure_that_was_not_measured_is_absent() -> None:
    found = Findings(subject=META_ADS, snapshot="s", server="18.6")
    assert [one.name for one in found.figures().figures] == ["Copia ensayada"]
    assert set(found.as_dict()) == {
        "migration", "script", "snapshot", "postgres", "verdict", "sentence", "problems", "missing", "left_out",
        "look_at",
    }  # fmt: skip


def test_a_reason_is_what_was_compared_first_in_a_line() -> None:
    compared = [Comparison("leyó 0,\nescribió 1", "leyó 0", "patients"), Comparison("x")]
    assert (
        endings._reason(UnmetError("No.", compared)) == "No. patients; esperado: leyó 0; obtenido: leyó 0, escribió 1"
    )
    assert endings._reason(UnmetError("No.", findings=["patients: cambió\nmás", "y"])) == "No. patients: cambió"
    assert endings._reason(AssertionError("No.\n  porque\n  y más")) == "No. porque"


def test_what_has_no_answer_is_told_by_kind() -> None:
    ended = [Ending("A", passed=True), Ending("B", reason="error"), Ending("C"), Ending("D", applies=False, reason="x")]
    assert missing(ended, refused=False) == [
        "«B» terminó con error",
        "de 4 escenarios sobre datos existentes no corrieron 1: «C»",
    ]
    assert missing(ended, refused=True) == []
    assert missing([], refused=False)


ELSEWHERE = "SELECT current_database() AS here \\gset\n\\connect postgres\n"


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("ALTER DATABASE :here CONNECTION LIMIT 0", "le puso CONNECTION LIMIT 0 a la base de datos"),
        ("REVOKE ALL ON DATABASE :here FROM CURRENT_USER, PUBLIC", "quitó el permiso CONNECT sobre la base de datos"),
        ("ALTER DATABASE :here ALLOW_CONNECTIONS false", "le puso ALLOW_CONNECTIONS false a la base de datos"),
        ("DROP DATABASE :here WITH (FORCE)", "borró la base de datos o le cambió el nombre"),
        ("ALTER ROLE CURRENT_USER SET local_preload_libraries = 'nothing'",
         "dejó ajustes con los que no se entra: local_preload_libraries"),
    ],
)  # fmt: skip
def test_a_script_that_shuts_everybody_out_is_refused_by_what_it_did(
    more: str, said: str, dumped: Dumped, tmp_path: Path, server: Server
) -> None:
    script = tmp_path / "harm.sql"
    script.write_text(f"{CANDIDATE.read_text()}\n{ELSEWHERE}{more};\n")
    done = rehearse(dumped("custom.dump"), script=script, on=server)
    assert done.returncode == 1
    assert verdict(done.stdout) == (
        "no se puede migrar (300 pacientes de 3 clínicas): "
        f"después del script no se puede volver a entrar en la base de datos: {said}."
    )
    assert "failed" not in done.stdout
