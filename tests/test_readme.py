"""What docs/backend.md tells to paste, run."""

import re
from typing import Any

import pytest
import sqlalchemy

from steps.support.harness.databases.database import Database
from steps.support.harness.options import ROOT

BLOCKS = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "backend.md").read_text(encoding="utf-8"), re.S)


def test_the_sync_example_runs(migrated: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlalchemy, "create_engine", lambda _url: migrated.engine())
    names: dict[str, Any] = {"rows": [{"phone_number": f"+{n}", "first_name": "Ana"} for n in range(3)]}
    exec(compile(BLOCKS[0], "backend.md", "exec"), names)
    with migrated.connect() as connection:
        found = connection.exec_driver_sql("SELECT count(*) FROM patients WHERE phone_number IN ('+0', '+1', '+2')")
        assert found.scalar_one() == 3


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_every_example_is_python_of_today(block: str) -> None:
    compile(block.replace("async with", "with").replace("await ", ""), "backend.md", "exec")
