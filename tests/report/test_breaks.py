"""The table of defects and requirements is whole, and holds for one of each kind; breaks.py asks all of them."""

import pytest

from steps.support.options import ROOT
from steps.support.postgres.server import Server
from steps.support.product import META_ADS
from tests.judging import DEFECTS
from tests.report.breaks import broken, table
from tests.running import address

ONE_OF_EACH = ("meta_ad_id_not_null", "deletes_one_patient", "leaves_lock_timeout_set", "fails_when_run_twice")


def test_every_defect_has_its_row_and_breaks_what_there_is() -> None:
    rows = table()
    assert sorted(rows) == [script.stem for script in DEFECTS]
    named = {one.tag.removeprefix("req-") for one in META_ADS.requirements}
    assert set().union(*rows.values()) <= named
    assert [name for name, tags in rows.items() if not tags] == [], "a defect that breaks no requirement"


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_a_defect_breaks_these_requirements_and_no_others(name: str, server: Server) -> None:
    assert broken(ROOT / "tests" / "defects" / f"{name}.sql", address(server)) == table()[name]
