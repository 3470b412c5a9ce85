"""Without any one guard, or with any one policy weaker, the generator finds what it is there for."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, settings
from hypothesis.errors import NoSuchExample
from sqlalchemy import Engine, create_engine, select, text, update
from sqlalchemy.exc import PendingRollbackError

from orchestrator_service.db.tenancy import (
    AgainstForgettingOnlySession,
    ClinicSession,
    NotIsolatedError,
    RefusedStatementError,
)
from orchestrator_service.db.tenancy.scope import ROLE
from orchestrator_service.db.tenancy.sessions import TenantSession
from steps.support.postgres import psql
from steps.support.postgres.database import Database
from tests.tenancy import guards
from tests.tenancy.isolation import OFF, SCRIPT, WEAKENED
from tests.tenancy.models import Clinic, Person
from tests.tenancy.property import Example, examples, wrong
from tests.tenancy.two_clinics import NORTH, SOUTH

pytestmark = pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")
MOST = 3000
SEARCH = settings(
    max_examples=MOST,
    derandomize=True,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _is_found(what: str, engine: Engine, session_class: type[TenantSession] = ClinicSession) -> None:
    tried: Counter[str] = Counter()
    problems: list[str] = []

    def is_hole(example: Example) -> bool:
        problem = wrong(example, engine, tried, session_class)
        if problem:
            problems.append(f"{example.kind}: {problem}")
        return bool(problem)

    try:
        find(examples(engine), is_hole, settings=SEARCH)
    except NoSuchExample:
        pytest.fail(f"with “{what}” the generator finds nothing in {tried.total()} examples")
    print(f"\n“{what}”: example {tried.total()}: {problems[0]}")


@pytest.mark.parametrize("guard", guards.KEPT)
def test_without_a_guard(guard: str, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with guards.remove(guards.KEPT[guard], monkeypatch):
        _is_found(f"without {guard}", engine)


@pytest.mark.parametrize("guard", guards.OPEN)
def test_without_a_guard_against_forgetting(guard: str, open_engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with guards.remove(guards.OPEN[guard], monkeypatch):
        _is_found(f"without {guard}", open_engine, AgainstForgettingOnlySession)


STRICTER: dict[str, Any] = {
    "A FULL JOIN": lambda: select(Person.id).join(Clinic, Person.id == Clinic.id, full=True),
    "The operator": lambda: select(Person.id).where(Person.id.op("= 1001 OR 1 =")(1)),
    "A statement that writes": lambda: select(update(Person).values(tenant_id=SOUTH).returning(Person.id).cte()),
}


@pytest.mark.parametrize("said", STRICTER)
def test_refused_though_no_way_past_the_other_guards_is_known(said: str, open_engine: Engine) -> None:
    session = AgainstForgettingOnlySession(open_engine, tenant_id=NORTH)
    with session, pytest.raises(RefusedStatementError, match=said):
        session.execute(STRICTER[said]())


@pytest.mark.parametrize("weaker", WEAKENED)
def test_with_a_weaker_policy(weaker: str, own_clinics: Database) -> None:
    with own_clinics.connect() as connection:
        connection.execute(text(WEAKENED[weaker]))
    engine = create_engine(own_clinics.url)
    try:
        _is_found(weaker, engine)
    finally:
        engine.dispose()


@pytest.mark.parametrize("weaker", [name for name in WEAKENED if "view" not in name])
def test_the_script_finds_a_weaker_policy_and_mends_it(weaker: str, own_clinics: Database) -> None:
    with own_clinics.connect() as connection:
        connection.execute(text(WEAKENED[weaker]))
    found = psql.run_file(own_clinics, SCRIPT, {"migration.check": "yes"})
    assert found.sqlstate in ("55000", "42P17"), found
    if found.sqlstate == "55000":
        assert psql.run_file(own_clinics, SCRIPT).succeeded
        assert psql.run_file(own_clinics, SCRIPT, {"migration.check": "yes"}).succeeded


@pytest.mark.parametrize("off", OFF)
def test_where_no_policy_applies_a_session_does_not_begin(off: str, own_clinics: Database) -> None:
    switch, back = OFF[off]
    engine = create_engine(own_clinics.url)
    with own_clinics.connect() as admin:
        admin.execute(text(switch))
        try:
            with ClinicSession(engine, tenant_id=NORTH, role="nobody_s" if off == "no role" else ROLE) as session:
                for _ in range(3):  # a second try must not find it half way in
                    with pytest.raises(
                        NotIsolatedError, match=r"[Rr]un migrations/02_tenant_isolation\.sql"
                    ) as refusal:
                        session.execute(text("SELECT * FROM patients")).all()
                    assert len(str(refusal.value).splitlines()) == 1
                    session.rollback()
                with pytest.raises(NotIsolatedError):
                    session.connection()
                for again in (
                    lambda: session.connection().connection.cursor(),  # noqa: PLW0108  when asked, not before
                    lambda: session.execute(text("SELECT 1")),
                ):
                    with pytest.raises(PendingRollbackError):
                        again()
        finally:
            admin.execute(text(back))
    engine.dispose()
