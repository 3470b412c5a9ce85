"""A service with an Alembic history of its own lives with ours: in either order, at once, or by running our script."""

from pathlib import Path
from textwrap import indent

import pytest

from steps.support.options import ROOT
from steps.support.postgres.database import Database
from steps.support.product import META_ADS
from tests.live.another_project import (
    ASKS_WHAT_IS_LOCKED,
    FIRST,
    OF_THEIRS,
    RUNS_OURS,
    SECOND,
    THIRD,
    AnotherProject,
    Revision,
)
from tests.live.shapes import build, five, rows
from tests.live.test_many_runners import EACH, alembic_upgrade

THEIRS = "SELECT version_num FROM alembic_version"
OURS = "SELECT version_num FROM meta_ads_alembic_version"


def ours(database: Database) -> None:
    run = alembic_upgrade(database)
    output, _ = run.communicate(timeout=120)
    assert run.returncode == 0, output


def expect_both(database: Database) -> None:
    assert rows(database, THEIRS) == [(FIRST,)]
    assert rows(database, OURS) == [("0002",)]
    assert five(database) == META_ADS.columns
    assert rows(database, "SELECT count(*) FROM of_theirs") == [(0,)]


@pytest.fixture
def theirs(tmp_path: Path) -> AnotherProject:
    return AnotherProject(tmp_path, Revision(FIRST, OF_THEIRS))


@pytest.mark.parametrize("first", ["theirs", "ours"])
def test_in_either_order_and_again(first: str, theirs: AnotherProject, database: Database) -> None:
    order = [theirs.upgrade, ours] if first == "theirs" else [ours, theirs.upgrade]
    for run in [*order, *order]:
        run(database)
    expect_both(database)


def test_sixteen_runners_of_two_histories(theirs: AnotherProject, database: Database) -> None:
    runs = [start(database) for _ in range(EACH) for start in (alembic_upgrade, theirs.start)]
    outputs = [run.communicate(timeout=240)[0] for run in runs]
    assert [output for run, output in zip(runs, outputs, strict=True) if run.returncode] == []
    expect_both(database)


def test_what_we_left_in_their_table_is_theirs_to_remove(theirs: AnotherProject, database: Database) -> None:
    """Until we had a table of our own our revision stood in theirs, and theirs could not begin."""
    build(database, "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL PRIMARY KEY)")
    build(database, "INSERT INTO alembic_version VALUES ('0002')")
    ours(database)
    run = theirs.start(database)
    assert "Can't locate revision identified by '0002'" in run.communicate(timeout=120)[0]
    build(database, "DELETE FROM alembic_version WHERE version_num IN ('0001', '0002')")
    theirs.upgrade(database)
    expect_both(database)


def test_a_revision_of_theirs_runs_our_script(tmp_path: Path, database: Database) -> None:
    project = AnotherProject(
        tmp_path, Revision(FIRST, OF_THEIRS), Revision(SECOND, RUNS_OURS), Revision(THIRD, ASKS_WHAT_IS_LOCKED)
    )
    docs = (ROOT / "docs" / "dba.md").read_text(encoding="utf-8")
    assert indent(RUNS_OURS, "    ") in docs
    project.upgrade(database)
    assert five(database) == META_ADS.columns
    assert rows(database, THEIRS) == [(THIRD,)]
    assert rows(database, "SELECT * FROM seen") == []


@pytest.mark.parametrize(
    ("options", "seen"), [("", [("AccessExclusiveLock",)]), ("transaction_per_migration=True", [])]
)
def test_without_the_block_the_lock_lasts_until_their_last_revision(
    options: str, seen: list[tuple[str, ...]], tmp_path: Path, database: Database
) -> None:
    plain = RUNS_OURS.replace("with op.get_context().autocommit_block():", "if True:")
    assert plain != RUNS_OURS
    project = AnotherProject(tmp_path, Revision(FIRST, plain), Revision(SECOND, ASKS_WHAT_IS_LOCKED), options=options)
    project.upgrade(database)
    assert five(database) == META_ADS.columns
    assert rows(database, "SELECT * FROM seen") == seen
