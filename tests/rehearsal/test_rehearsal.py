"""A rehearsal runs on every kind of dump, says what it found, and never quotes a patient."""

import re
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from steps.support.options import ROOT
from steps.support.postgres.database import Database
from steps.support.postgres.server import Server
from steps.support.product import META_ADS
from steps.support.rehearsal.findings import Findings
from tests.rehearsal.conftest import PATIENTS
from tests.rehearsal.snapshots import FORMATS
from tests.running import address, behave

CANDIDATE = ROOT / "tests" / "rehearsal" / "candidate.sql"
SECRETS = ("Confidencial", "O'Brien", "+54911", "fuma")
Dumped = Callable[[str], Path]


def rehearse(
    snapshot: Path | str, *arguments: str, script: Path = CANDIDATE, on: Server | None = None
) -> subprocess.CompletedProcess[str]:
    """Rehearse a script, on a server of its own unless there is one to do it `on`."""
    options = (f"postgres={address(on) if on else 'embedded'}", f"snapshot={snapshot}", f"migration={script}")
    done = behave(*(part for option in options for part in ("-D", option)), *arguments)
    assert "Traceback" not in done.stdout + done.stderr, done.stdout + done.stderr
    for secret in SECRETS:
        assert secret not in done.stdout + done.stderr, secret
    return done


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_is_rehearsed(name: str, dumped: Dumped) -> None:
    done = rehearse(dumped(name), "--format=progress3")
    assert done.returncode == 0, done.stdout
    assert f"VEREDICTO: se puede migrar: {PATIENTS} pacientes de 3 clínicas quedaron exactamente" in done.stdout
    assert re.search(r"Columnas agregadas +meta_campaign_id, meta_ad_headline, meta_ad_body", done.stdout)
    assert re.search(r"Columnas llevadas a la especificación +acquisition_source, meta_ad_id", done.stdout)
    assert "34 tablas" in done.stdout
    assert "product_app, product_reporting" in done.stdout
    assert "about other starting points are not run" in done.stdout


def test_a_database_is_read_and_left_as_it_was(source: Database) -> None:
    url = source.url.set(drivername="postgresql").render_as_string(hide_password=False)
    before = tables(source)
    done = rehearse(url, "--format=null")
    assert done.returncode == 0, done.stdout
    assert tables(source) == before
    assert re.search(rf"Pacientes +{PATIENTS} de 3 clínicas", done.stdout)
    assert re.search(r"Evidencia antes y después .*: la misma", done.stdout)
    assert "VEREDICTO: se puede migrar" in done.stdout


def test_a_failed_rehearsal_leads_to_the_row(dumped: Dumped, tmp_path: Path) -> None:
    script = tmp_path / "harm.sql"
    harm = "    UPDATE public.patients SET medical_history = medical_history - 'nota' WHERE id = 217;\n    END IF;"
    script.write_text(CANDIDATE.read_text().replace("    END IF;", harm))
    done = rehearse(dumped("custom.dump"), script=script)
    assert done.returncode == 1
    assert "patients: cambió 1 fila: id 217 (medical_history)" in done.stdout
    assert "VEREDICTO: no se puede migrar (300 pacientes de 3 clínicas): patients: cambió 1 fila" in done.stdout
    assert "DISTINTA" in done.stdout


def test_an_error_that_quotes_a_row_is_kept_to_its_code(dumped: Dumped, tmp_path: Path) -> None:
    script = tmp_path / "harm.sql"
    script.write_text("DO $$ BEGIN PERFORM first_name::int FROM public.patients; END $$;")
    done = rehearse(dumped("custom.dump"), script=script)
    assert done.returncode == 1
    assert "22P02" in done.stdout
    assert "puede citar datos" in done.stdout


def test_what_is_missing_here_is_left_out_and_said(dumped: Dumped, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.sql"
    trap = tmp_path / "trap"
    hostile.write_bytes(
        b'CREATE SCHEMA public;\nCREATE EXTENSION IF NOT EXISTS "not_here" WITH SCHEMA public;\n'
        + dumped("plain.sql").read_bytes()
        + b"CREATE TABLE public.embeddings (id int, v public.not_here);\n"
        b"COPY public.embeddings (id, v) FROM stdin;\n1\t[1,2,3]\n\\! touch %(trap)s\n"
        b"DROP TABLE public.patients;\n\\.\n"
        b"CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1' PUBLICATION p;\n\\! touch %(trap)s\n\\connect postgres\n"
        % {b"trap": bytes(trap)}
    )
    done = rehearse(hostile, "--format=progress3")
    assert done.returncode == 0, done.stdout
    assert "extensiones que no están instaladas aquí: not_here" in done.stdout
    assert (
        "tablas que no se pudieron restaurar, con su SQLSTATE: public.embeddings (42704 undefined_object)"
        in done.stdout
    )
    assert "42P06" not in done.stdout, "that public is there already is no news"
    assert not trap.exists()


def test_what_is_missing_of_patients_makes_it_incomplete(dumped: Dumped, tmp_path: Path, server: Server) -> None:
    path = tmp_path / "lacking.sql"
    path.write_bytes(dumped("plain.sql").read_bytes() + b"CREATE POLICY q ON public.patients USING (nothing(id));\n")
    done = rehearse(path, on=server)
    assert done.returncode == 1
    assert (
        "VEREDICTO: incompleto, no alcanza para migrar: no se restauró todo lo de patients: 1 CREATE POL" in done.stdout
    )
    left_out = done.stdout.partition("Quedó afuera")[2].partition("VEREDICTO")[0]
    assert "CREATE POLICY (42883 undefined_function)" in left_out


def test_what_is_left_out_is_a_line_on_the_terminal_and_whole_elsewhere(dumped: Dumped, tmp_path: Path) -> None:
    report, summary = tmp_path / "informe.html", tmp_path / "summary.md"
    done = behave(
        "-D", "postgres=embedded", "-D", f"snapshot={dumped('custom.dump')}", "--junit", "--junit-directory",
        str(tmp_path / "junit"), "-f", "informe", "-o", str(report), "-f", "consola", "-f", "github",
        GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(summary),
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    told = re.findall(
        r"^  ↷ (\d+) scenarios of (\d+) features \[skipped\]: En un ensayo solo corren", done.stdout, re.M
    )
    assert len(told) == 1
    count, _ = map(int, told[0])
    assert done.stdout.count("↷") == 3, "those, the optional migration's, and one that these data have no use for"
    assert count > 100
    assert f"about existing data run on the snapshot, {count} about other" in done.stdout
    assert f"- ↷ {count} escenarios: En un ensayo solo corren" in summary.read_text(encoding="utf-8")
    page = report.read_text(encoding="utf-8")
    assert page.count("Saltado: En un ensayo solo corren los escenarios sobre datos existentes.<") == count
    junit = "".join(file.read_text(encoding="utf-8") for file in (tmp_path / "junit").iterdir())
    assert junit.count('<skipped message="En un ensayo') == count


def test_ci_gets_the_verdict_as_a_case_and_the_figures_as_properties(dumped: Dumped, tmp_path: Path) -> None:
    done = behave(
        "-D", "postgres=embedded", "-D", f"snapshot={dumped('custom.dump')}", "--junit", "--junit-directory",
        str(tmp_path), "-n", "ningún dato de ninguna clínica cambia", "-f", "github", GITHUB_ACTIONS="true",
        GITHUB_STEP_SUMMARY=str(tmp_path / "summary.md"),
    )  # fmt: skip
    assert done.returncode == 1, "one scenario alone says yes to nothing"
    suite = ET.parse(tmp_path / "TESTS-rehearsal.xml").getroot()
    facts = {one.attrib["name"]: one.attrib["value"] for one in suite.iter("property")}
    assert (facts["verdict"], facts["own_rows"], facts["rewritten"]) == ("incomplete", "300", "False")
    assert float(facts["longest_lock_ms"]) > 0
    error = suite.find("testcase/error")
    assert error is not None
    assert error.attrib["message"].startswith("incompleto, no alcanza para migrar: de ")
    assert [suite.attrib[name] for name in ("tests", "failures", "errors", "skipped")] == ["1", "0", "1", "0"]
    assert "| Pacientes | 300 de 3 clínicas |" in (tmp_path / "summary.md").read_text(encoding="utf-8")


def test_a_rate_is_told_of_many_alone() -> None:
    few = Findings(
        subject=META_ADS,
        snapshot="s", server="18.6", tables=1, rows=2_000, own_rows=2_000, tenants=1, added=(), converged=(), kept=(),
        longest_lock=0.01, rewritten=False, evidence_before="a", evidence_after="a", migration_seconds=0.08,
        evidence_seconds=3.0, restore_seconds=11.0,
    )  # fmt: skip
    said = {one.name: one.value for one in few.figures().figures}
    assert (said["Migración"], said["Evidencia"], said["Restauración"]) == ("80 ms", "3 s", "11 s")
    assert said["Tabla bloqueada, como máximo"] == "10 ms"
    many = replace(few, own_rows=1_000_000, rows=1_500_000)
    said = {one.name: one.value for one in many.figures().figures}
    assert said["Migración"] == "80 ms (80 ms por millón de pacientes)"
    assert said["Evidencia"] == "3 s (2 s por millón de filas)"


def test_a_scenario_about_something_else_is_no_rehearsal(dumped: Dumped) -> None:
    done = rehearse(dumped("custom.dump"), "features/persistencia.feature")
    assert done.returncode == 1
    assert "Nothing to run" in done.stdout


def tables(database: Database) -> list[tuple[object, ...]]:
    query = (
        "SELECT relname, relfilenode, relacl::text FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
    )
    with database.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(query)]


def test_what_is_kept_goes_with_its_role_by_the_command_it_names(
    dumped: Dumped, server: Server, tmp_path: Path
) -> None:
    def there() -> list[tuple[object, ...]]:
        query = "SELECT (SELECT array_agg(datname) FROM pg_database), (SELECT array_agg(rolname) FROM pg_roles)"
        with Database(server.url).connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(query)]

    script = tmp_path / "harm.sql"
    script.write_text(CANDIDATE.read_text().replace("END\n$$", "UPDATE public.patients SET weight = 0; END\n$$"))
    before = there()
    done = rehearse(dumped("custom.dump"), "-D", "keep=failed", script=script, on=server)
    assert there() != before
    found = re.search(r"Remove with: (.*)", done.stdout)
    assert found, done.stdout
    assert "DROP ROLE" in found[1]
    subprocess.run(["sh", "-ec", found[1]], check=True, capture_output=True)
    assert there() == before
