"""The harness takes a second migration as it takes the first: it runs through it, and its defects are refused.

The general features hold for it by a row in their Examples. Those of the product have none for a migration of the
tests, so they are copied with such rows, and nothing else is changed in them.
"""

import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from steps.support.options import ROOT
from steps.support.postgres import embedded
from steps.support.postgres.database import Database
from steps.support.postgres.server import Server
from steps.support.product import META_ADS
from tests.appointments.product import HERE, REMINDERS, Run
from tests.judging import EVERYTHING, SharingSuite, Verdict, expected, judge
from tests.running import address, behave

OURS = {"migración": REMINDERS.name, "tabla": REMINDERS.table, "filas": REMINDERS.rows, "script": REMINDERS.script.name}
NEEDS_A_TENANT = ("dividida por clínica", "dividida por fecha", "repartida entre máquinas")
# What else a row says, where it says more of the table than which it is: by the row's headings beyond OURS.
SAYS = {
    ("lo que había",): [{"lo que había": name} for name in REMINDERS.columns],
    ("columna", "definición"): [{"columna": "reminder_note", "definición": "VARCHAR(50)"}],
}
REFUSED = [{"columna": "reminder_note", "definición": "BIGINT"}]
RUNNER = "--runner=tests.appointments.product:Run"
DEFECTS = sorted((HERE / "defects").glob("*.sql"))


class SharingRun(Run):
    SUITE = SharingSuite
    ALONE = False


def rows_for(headings: list[str], rows: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    """The rows to add to an Examples table so that it holds for the second migration too."""
    more = tuple(heading for heading in headings if heading not in OURS)
    if more == ("columna", "definición") and "filas" not in headings:
        yield from REFUSED
    elif more in SAYS:
        yield from SAYS[more]
    else:
        yield from (
            {heading: row[heading] for heading in more} for row in rows if row.get("forma") not in NEEDS_A_TENANT
        )


def with_rows(feature: str) -> str:
    """The feature's text, its Examples that name a script with rows for the second migration."""

    def longer(table: re.Match[str]) -> str:
        lines = [
            [cell.strip() for cell in line.strip().strip("|").split("|")] for line in table[0].strip().splitlines()
        ]
        headings, rows = lines[0], [dict(zip(lines[0], cells, strict=True)) for cells in lines[1:]]
        first = [row for row in rows if row.get("script") == META_ADS.script.name]
        if not first:
            return table[0]
        added = [{**OURS, **row} for row in rows_for(headings, first)]
        margin = re.match(r"\s*", table[0].lstrip("\n"))
        assert margin
        return table[0] + "".join(
            f"{margin[0]}| {' | '.join(row[heading] for heading in headings)} |\n" for row in added
        )

    return re.sub(r"(?:^ +\|.*\n)+", longer, feature, flags=re.M)


@pytest.fixture(scope="module")
def features() -> Path:
    """Where the copies are: under the root, for there behave finds the steps."""
    folder = ROOT / "build" / "second_subject" / "features"
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for path in [*(ROOT / "features").glob("*.feature"), *(HERE / "features").glob("*.feature")]:
        text = path.read_text(encoding="utf-8")
        if "script" in text:
            (folder / path.name).write_text(with_rows(text + "\n"), encoding="utf-8")
    return folder


def judged(script: Path, server: Server, features: Path, names: list[str], tags: str) -> Verdict:
    return judge(
        script, address(server), names, tags, features=[str(features)], replaces=REMINDERS.script.name, kind=SharingRun
    )


def test_both_migrations_pass_in_one_run(features: Path, server: Server) -> None:
    # Which model maps the whole database is the product's own question.
    verdict = judged(REMINDERS.script, server, features, [], "not @citus and not @req-modelo")
    assert verdict.failed == {}
    of_both = [
        title.partition(": ")[2]
        for title in verdict.ran
        if title.startswith(("Meta Ads: ", "Recordatorios: ")) and not title.endswith(NEEDS_A_TENANT)
    ]
    assert len(of_both) == 2 * len(set(of_both)) > 40


@pytest.mark.parametrize("script", DEFECTS, ids=lambda path: path.stem)
def test_a_defect_of_the_second_migration_is_refused(script: Path, features: Path, server: Server) -> None:
    wanted = expected(script)
    verdict = judged(script, server, features, wanted.scenarios, EVERYTHING)
    assert set(verdict.failed) == set(wanted.scenarios), verdict
    assert wanted.saying in "\n".join(verdict.failed.values())


def test_its_own_python_is_short() -> None:
    files = [HERE / "product.py", *(HERE / "migrations").rglob("*.py")]
    lines = [line for path in files for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    assert len(lines) < 80


@pytest.fixture
def dumped(database: Database, tmp_path: Path) -> Callable[..., Path]:
    """A plain dump of the seeds, made with more arguments of pg_dump."""

    def dump(*arguments: str) -> Path:
        file = tmp_path / "copy.sql"
        command = [embedded.client("pg_dump"), f"--dbname={database.libpq_url()}", f"--file={file}", *arguments]
        subprocess.run(command, check=True)
        return file

    return dump


def rehearsed(snapshot: Path, features: Path) -> str:
    done = behave(RUNNER, "-D", "postgres=embedded", "-D", f"snapshot={snapshot}",
                  str(features))  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_rehearsal_is_of_both_where_the_copy_has_both_tables(features: Path, dumped: Callable[..., Path]) -> None:
    said = rehearsed(dumped(), features)
    assert said.count("VEREDICTO: se puede migrar") == 2
    assert "40 turnos" in said


def test_a_copy_without_the_second_table_rehearses_the_first(features: Path, dumped: Callable[..., Path]) -> None:
    said = rehearsed(dumped("--exclude-table=appointments"), features)
    assert said.count("VEREDICTO: se puede migrar") == 1
    assert "La copia no tiene la tabla appointments" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([f"migration={DEFECTS[0]}"], "Which migration is changes_one_letter.sql to replace?"),
        (
            [f"migration={REMINDERS.script.name}={DEFECTS[0]}", "-n", "^Meta Ads: "],
            f"Nothing to judge: no selected scenario is about {REMINDERS.script.name}, which -D migration replaces.",
        ),
    ],
)
def test_a_candidate_that_nothing_runs_is_refused(arguments: list[str], said: str, features: Path) -> None:
    done = behave(RUNNER, str(features), "-D", *arguments)
    assert done.returncode == 1
    assert said in done.stdout
    assert "Postgres 1" not in done.stdout, "a server was started for nothing"


@pytest.mark.parametrize("tags", ["", "@01_meta_ads_columns @04_appointment_reminders"])
def test_a_scenario_that_names_no_migration_or_two_is_refused(tags: str, features: Path) -> None:
    feature = features.parent / "odd.feature"
    feature.write_text(f"{tags}\nFeature: f\n  Scenario: s\n    Given x\n", encoding="utf-8")
    done = behave(RUNNER, str(feature))
    assert done.returncode == 1
    assert "tag it: @01_meta_ads_columns, @02_tenant_isolation, @04_appointment_reminders." in done.stdout
