# mypy: disable-error-code="func-returns-value"
"""No attempt of a clinic's session reaches another clinic, on either driver; on a weaker server some do."""

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, Engine, create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session

from orchestrator_service.db import tenancy
from orchestrator_service.db.tenancy import AsyncClinicSession, ClinicSession
from steps.support.postgres.database import Database
from tests.tenancy.attempts import AFTERWARDS, BY_KIND, ENDINGS, REFUSED, Act
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


def _outcome(act: Act, session: Session) -> object:
    found: object = []
    with suppress(*REFUSED):
        try:
            found = act(session)
        except REFUSED as refusal:
            found = str(refusal.__cause__)  # Postgres's own words may quote a row
            session.rollback()
        session.commit()
    return found


async def _outcome_on_asyncpg(act: Act, url: URL) -> object:
    engine = create_async_engine(url.set(drivername="postgresql+asyncpg"))
    async with AsyncClinicSession(engine, tenant_id=NORTH, expire_on_commit=False) as session:
        found = await session.run_sync(partial(_outcome, act))
    await engine.dispose()
    return found


def _leaks(database: Database, act: Act, driver: str = "psycopg2") -> list[object]:
    """What an attempt saw of the other clinic, or that it changed it; the clinics are planted anew before it."""
    url = database.url.set(username=LOGIN)
    with database.connect() as admin:
        admin.exec_driver_sql(PLANT)
        before = admin.scalar(text(DIGEST))
        if driver == "asyncpg":
            found = asyncio.run(_outcome_on_asyncpg(act, url))
        else:
            engine = create_engine(url)
            with ClinicSession(engine, tenant_id=NORTH, expire_on_commit=False) as session:
                found = _outcome(act, session)
            engine.dispose()
        changed = admin.scalar(text(DIGEST)) != before
    return [*theirs(found), *(["changed"] if changed else [])]


@pytest.mark.parametrize("driver", ["psycopg2", "asyncpg"])
@pytest.mark.parametrize("kind", BY_KIND)
def test_no_attempt_reaches_another_clinic(own_clinics: Database, kind: str, driver: str) -> None:
    reached = {name: leaks for name, act in BY_KIND[kind].items() if (leaks := _leaks(own_clinics, act, driver))}
    assert reached == {}


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
