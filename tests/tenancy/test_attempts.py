# mypy: disable-error-code="func-returns-value"
"""No attempt of a clinic's session reaches another clinic, on either driver; on a weaker server some do."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session

from orchestrator_service.db import tenancy
from orchestrator_service.db.tenancy import AsyncClinicSession, ClinicSession
from steps.support.postgres.database import Database
from tests.tenancy.attempts import AFTERWARDS, BY_KIND, ENDINGS, MORE_RIGHTS, READ, READS, REFUSED, WRITES, Act, rows
from tests.tenancy.clinics import DIGEST, LOGIN, NORTH, PLANT, ROLE, SOUTH, Person, theirs

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning", "ignore::ResourceWarning")
WEAKER = {
    "no restrictive policy": "DROP POLICY tenant_rows_only ON patients",
    "it lets all through": "ALTER POLICY tenant_rows_only ON patients USING (true)",
    "it lets all in": "ALTER POLICY tenant_rows_only ON patients WITH CHECK (true); "
    "ALTER POLICY tenant_rows ON patients WITH CHECK (true)",
    "another setting": "ALTER POLICY tenant_rows_only ON patients USING (current_setting('app.tenant', true) IS NULL)",
    "row security off": "ALTER TABLE patients DISABLE ROW LEVEL SECURITY",
    "TRUNCATE granted": f"GRANT TRUNCATE ON patients, appointments TO {ROLE}",
}


def _leaks(database: Database, act: Act) -> list[object]:
    """What an attempt saw of the other clinic, or that it changed it; the clinics are planted anew before it."""
    engine = create_engine(database.url.set(username=LOGIN))
    found: object = []
    with database.connect() as admin:
        admin.exec_driver_sql(PLANT)
        before = admin.scalar(text(DIGEST))
        with ClinicSession(engine, tenant_id=NORTH, expire_on_commit=False) as session, suppress(*REFUSED):
            try:
                found = act(session)
            except REFUSED as refusal:
                found = str(refusal.__cause__)  # Postgres's own words may quote a row
                session.rollback()
            session.commit()
        engine.dispose()
        changed = admin.scalar(text(DIGEST)) != before
    return [*theirs(found), *(["changed"] if changed else [])]


@pytest.mark.parametrize("kind", BY_KIND)
def test_no_attempt_reaches_another_clinic(own_clinics: Database, kind: str) -> None:
    reached = {name: leaks for name, act in BY_KIND[kind].items() if (leaks := _leaks(own_clinics, act))}
    assert reached == {}


def test_there_are_three_hundred() -> None:
    assert sum(map(len, BY_KIND.values())) >= 300


def test_asyncpg_reaches_no_other_clinic(own_clinics: Database) -> None:
    async def attempt() -> list[object]:
        engine = create_async_engine(own_clinics.url.set(drivername="postgresql+asyncpg", username=LOGIN))
        reached: list[object] = []
        for sql in [*(sql.format("patients") for sql in READS), *WRITES, *MORE_RIGHTS]:
            for ending in (None, "commit", "rollback"):
                async with AsyncClinicSession(engine, tenant_id=NORTH) as session:
                    with suppress(*REFUSED):
                        if ending:
                            await getattr(await session.connection(), ending)()
                        for one in (sql, READ):
                            reached += theirs(rows(await session.execute(text(one.replace(":", r"\:")))))
                        await session.commit()
        await engine.dispose()
        return reached

    with own_clinics.connect() as admin:
        before = admin.scalar(text(DIGEST))
        assert asyncio.run(attempt()) == []
        assert admin.scalar(text(DIGEST)) == before


@pytest.mark.parametrize("how", WEAKER)
def test_on_a_weaker_server_an_attempt_gets_through(
    own_clinics: Database, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenancy, "_check", lambda _connection: None)
    with own_clinics.connect() as admin:
        admin.exec_driver_sql(WEAKER[how])
    acts = [*BY_KIND["write"].values(), BY_KIND["read"]["SELECT * FROM patients"]]
    assert any(_leaks(own_clinics, act) for act in acts)


STEPS: dict[str, Act] = {
    **ENDINGS,
    **AFTERWARDS,
    "begin": lambda s: s.begin(),
    "begin_nested": lambda s: s.begin_nested(),
    "get_one": lambda s: s.get_one(Person, 11),
    "another's": lambda s: s.get(Person, 1001),
    "flush": lambda s: (s.add(Person(phone_number="h", first_name="h")), s.flush()),
    "expire_all": lambda s: s.expire_all(),
    "expunge_all": lambda s: s.expunge_all(),
    "savepoint as text": lambda s: s.execute(text("SAVEPOINT h")),
    "back to it": lambda s: s.execute(text("ROLLBACK TO SAVEPOINT h")),
}


@pytest.mark.filterwarnings("ignore")
def test_no_sequence_of_calls_shows_another_clinic(engine: Engine) -> None:
    """Two clinics' sessions in any order, each on a connection of a pool or both on one: neither sees the other's."""
    seen = 0

    @settings(max_examples=80, derandomize=True, deadline=None, database=None)
    @given(st.lists(st.tuples(st.booleans(), st.sampled_from(sorted(STEPS))), max_size=12), st.booleans())
    def holds(calls: list[tuple[bool, str]], shared: bool) -> None:
        nonlocal seen
        with engine.connect() as connection:
            bind: Any = connection if shared else engine
            pair: list[Session] = [ClinicSession(bind, tenant_id=clinic) for clinic in (SOUTH, NORTH)]
            for ours, step in calls:
                try:
                    found = STEPS[step](pair[ours])
                except REFUSED:
                    continue
                if ours and step in AFTERWARDS:
                    assert theirs(found) == []
                    seen += len(found)
            for session in pair:
                with suppress(*REFUSED):
                    session.close()
        engine.dispose()

    holds()
    assert seen > 20
