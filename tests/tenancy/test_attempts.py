"""No attempt of a clinic's session reaches another clinic, on either driver; on a weaker server some do."""

import asyncio
from contextlib import suppress

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session

from orchestrator_service.db.tenancy import AsyncClinicSession, ClinicSession, sessions
from steps.support.postgres.database import Database
from tests.tenancy.attempts import BY_KIND, READS, REFUSED, WRITES, Act, rows
from tests.tenancy.clinics import DIGEST, LOGIN, NORTH, PLANT, ROLE, theirs

ATTEMPTS = [(kind, name) for kind, attempts in BY_KIND.items() for name in attempts]

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
    assert len(ATTEMPTS) >= 300


def test_asyncpg_reaches_no_other_clinic(own_clinics: Database) -> None:
    async def attempt() -> list[object]:
        engine = create_async_engine(own_clinics.url.set(drivername="postgresql+asyncpg", username=LOGIN))
        reached: list[object] = []
        for sql in [*(sql.format("patients") for sql in READS.values()), *WRITES]:
            for ending in (None, "commit", "rollback"):
                async with AsyncClinicSession(engine, tenant_id=NORTH) as session:
                    with suppress(*REFUSED):
                        if ending:
                            await getattr(await session.connection(), ending)()
                        reached += theirs(rows(await session.execute(text(sql.replace(":", r"\:")))))
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
    monkeypatch.setattr(sessions, "_check", lambda _connection: None)
    with own_clinics.connect() as admin:
        admin.exec_driver_sql(WEAKER[how])
    acts = [*BY_KIND["write"].values(), BY_KIND["read"]["all, plain"]]
    assert any(_leaks(own_clinics, act) for act in acts)


def test_nothing_is_left_on_a_pooled_connection(own_clinics: Database) -> None:
    engine = create_engine(own_clinics.url.set(username=LOGIN), pool_size=1, max_overflow=0)
    for end in (Session.commit, Session.rollback, Session.close):
        with ClinicSession(engine, tenant_id=NORTH) as session:
            assert session.scalar(text("SELECT count(*) FROM patients")) == 4
            end(session)
        with Session(engine) as session:
            assert session.scalar(text("SELECT count(*) FROM patients")) == 0
    engine.dispose()
