"""No attempt of somebody hostile reads or changes another clinic's rows, by either driver and either kind of login."""

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import psycopg2
import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import Session

from orchestrator_service.db.tenancy import AsyncClinicSession, ClinicSession, TenancyError
from orchestrator_service.db.tenancy.scope import ROLE
from steps.support.postgres.database import Database
from tests.tenancy import attempts
from tests.tenancy.acts import Act
from tests.tenancy.two_clinics import DIGEST, NORTH, PLANT, theirs

asyncpg = pytest.importorskip("asyncpg")
pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
LOGIN = "clinic_login"  # has nothing but the role, and inherits it
VIEW = (
    f"CREATE VIEW everybody WITH (security_invoker = true) AS SELECT * FROM patients; GRANT ALL ON everybody TO {ROLE}"
)
Try = Callable[[Act], str]


@pytest.fixture(scope="module")
def attacked(clinics: Database) -> Iterator[Database]:
    """The two clinics, a view on them, and a login that has nothing but the role."""
    with clinics.connect() as admin:
        major = int(admin.scalar(text("SELECT current_setting('server_version_num')::int / 10000")) or 0)
        if major >= 15:
            admin.exec_driver_sql(VIEW)
        admin.exec_driver_sql(f"DROP ROLE IF EXISTS {LOGIN}; CREATE ROLE {LOGIN} LOGIN IN ROLE {ROLE}")
    yield clinics
    with clinics.connect() as admin:
        admin.exec_driver_sql(f"DROP OWNED BY {LOGIN}; DROP ROLE {LOGIN}")


@pytest.fixture(scope="module")
def admin(attacked: Database) -> Iterator[Engine]:
    engine = create_engine(attacked.url)
    yield engine
    engine.dispose()


@pytest.fixture(params=["psycopg2", "asyncpg"])
def driver(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _digests(admin: Engine) -> tuple[str, str]:
    """What the other clinic's rows are, and what all are."""
    with admin.connect() as connection:
        both = text(f"SELECT ({DIGEST.format(but=NORTH)}), ({DIGEST.format(but=0)})")
        others, everybodys = connection.execute(both).one()
        return others, everybodys


def _found(act: Act, session: Session, outcomes: Counter[str]) -> list[object]:
    """What of the other clinic came back, in rows or in the words of an error; what it did is committed."""
    try:
        leaks = theirs(act(session))
        session.commit()
        outcomes["answered"] += 1
        return leaks
    except TenancyError:
        outcomes["refused"] += 1
    except (SQLAlchemyError, psycopg2.Error, asyncpg.PostgresError) as error:
        outcomes["failed"] += 1
        said = str(getattr(error, "orig", error))
        return [said] if "south" in said else []
    return []


def holes(database: Database, admin: Engine, driver: str, acts: dict[str, Act]) -> list[str]:
    """The attempts that read or changed another clinic's rows, each with what came of it."""
    outcomes: Counter[str] = Counter()
    bad: list[str] = []
    before = _digests(admin)

    def note(name: str, leaks: list[object]) -> None:
        nonlocal before
        now = _digests(admin)
        if leaks:
            bad.append(f"{name}: {leaks[:2]}")
        if now[0] != before[0]:
            bad.append(f"{name}: the other clinic changed")
        if now != before:
            with admin.begin() as connection:
                connection.execute(text("DELETE FROM appointments"))
                connection.execute(text(PLANT))
            before = _digests(admin)

    if driver == "psycopg2":
        engine = create_engine(database.url)
        for name, act in acts.items():
            with ClinicSession(engine, tenant_id=NORTH) as session:
                leaks = _found(act, session, outcomes)
            note(name, leaks)
        engine.dispose()
    else:
        asyncio.run(_by_asyncpg(database, acts, note, outcomes))
    print(f"\n{len(acts)} attempts by {driver}: {dict(sorted(outcomes.items()))}")
    return bad


async def _by_asyncpg(database: Database, acts: dict[str, Act], note: Any, outcomes: Counter[str]) -> None:
    engine = create_async_engine(database.url.set(drivername="postgresql+asyncpg"))
    try:
        for name, act in acts.items():
            with suppress(SQLAlchemyError):
                async with AsyncClinicSession(engine, tenant_id=NORTH) as session:
                    leaks = await session.run_sync(lambda sync, act=act: _found(act, sync, outcomes))  # type: ignore[misc]
            note(name, leaks)
    finally:
        await engine.dispose()


def _as_login(database: Database) -> Database:
    return Database(database.url.set(username=LOGIN))


def test_there_are_hundreds() -> None:
    assert sum(map(len, attempts.BY_CLASS.values())) >= 1200
    assert len(attempts.AFTER_THE_ROLE) + len(attempts.IN_ONE_STRING) >= 160


@pytest.mark.parametrize("kind", attempts.BY_CLASS)
def test_none_reaches_another_clinic(kind: str, driver: str, attacked: Database, admin: Engine) -> None:
    assert holes(attacked, admin, driver, attempts.BY_CLASS[kind]) == []


@pytest.mark.parametrize("kind", ["writes", "after what would weaken", "ends the role", "ends the role in one string"])
def test_nor_with_a_login_that_has_nothing_but_the_role(
    kind: str, driver: str, attacked: Database, admin: Engine
) -> None:
    more = {"ends the role": attempts.AFTER_THE_ROLE, "ends the role in one string": attempts.IN_ONE_STRING}
    assert holes(_as_login(attacked), admin, driver, {**attempts.BY_CLASS, **more}[kind]) == []
