"""The committed scripts are what the templates give, and a second migration costs its declaration."""

from pathlib import Path

import pytest

from migrations import render
from steps.support.postgres.columns import read
from steps.support.postgres.database import Database
from steps.support.postgres.psql import run_file
from steps.support.subject import Column
from tests.live.shapes import rows

PARTS = Path(__file__).parent / "parts"
REMINDERS = {"reminder_channel": Column("VARCHAR", default="WHATSAPP"), "reminder_note": Column("TEXT")}
LONGEST = 280
# It makes a role, policies and grants on tables it finds by itself, and lists what is in the way of each.
LONGER = {"02_tenant_isolation.sql": 355}
WIDEST = 140


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """The scripts of this folder's parts, rendered."""
    for name, sql in render.rendered(PARTS).items():
        (tmp_path / name).write_text(sql, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", render.rendered())
def test_the_committed_script_is_the_rendered_one(name: str) -> None:
    committed = (render.FOLDER / name).read_text(encoding="utf-8")
    assert committed == render.rendered()[name], "run python -m migrations.render"


def test_a_dba_reads_one_file_of_one_block() -> None:
    for name, sql in render.rendered().items():
        assert sql.count("$$") == 2, name
        assert len(sql.splitlines()) <= LONGER.get(name, LONGEST), name
        assert max(map(len, sql.splitlines())) <= WIDEST, name
        assert "\n\n\n" not in sql, name


def test_it_is_as_long_as_the_docs_say() -> None:
    docs = (render.FOLDER.parent / "docs" / "dba.md").read_text(encoding="utf-8")
    assert f"It is {len(render.rendered()['01_meta_ads_columns.sql'].splitlines())} lines" in docs


def test_two_columns_of_another_table_cost_fifteen_lines(database: Database, others: Path) -> None:
    assert len((PARTS / "90_reminders.toml").read_text(encoding="utf-8").splitlines()) <= 15
    for said in ("added reminder_channel, reminder_note", "nothing to do"):
        outcome = run_file(database, others / "90_reminders.sql")
        assert outcome.succeeded, outcome.error()
        assert said in outcome.notices[-1]
    assert {name: read(database, "appointments").get(name) for name in REMINDERS} == REMINDERS
    down = run_file(database, others / "90_reminders_down.sql")
    assert down.succeeded, down.error()
    assert not set(REMINDERS) & set(read(database, "appointments"))


def test_a_part_of_its_own_changes_two_tables_at_once(database: Database, others: Path) -> None:
    for said in ("row security on public.tenants, public.appointments", "nothing to do"):
        outcome = run_file(database, others / "91_row_security.sql")
        assert outcome.succeeded, outcome.error()
        assert said in outcome.notices[-1]
    assert rows(
        database, "SELECT count(*) FROM pg_class WHERE relrowsecurity AND relname IN ('tenants', 'appointments')"
    ) == [(2,)]
