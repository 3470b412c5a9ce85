"""What a clinic's backend asks all day works, and answers with its clinic's rows."""

from typing import Any

import pytest
from sqlalchemy import Engine, text

from orchestrator_service.db.tenancy import AgainstForgettingOnlySession, ClinicSession, TenancyError
from tests.tenancy.ordinary import ENRICHED, ORDINARY
from tests.tenancy.two_clinics import NORTH

# DISTINCT ON has another spelling from 2.1 on; a lateral join by its nature has no condition.
pytestmark = [
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SADeprecationWarning"),
    pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning"),
]

# What criteria alone do not reach, or cannot be seen to: refused, by name.
BEYOND_CRITERIA = 50


@pytest.fixture(scope="module", autouse=True)
def _enriched(engine: Engine, open_engine: Engine) -> None:
    for one in (engine, open_engine):
        with one.begin() as connection:
            connection.execute(text(ENRICHED))


def test_there_are_a_hundred() -> None:
    assert len(ORDINARY) >= 140


@pytest.mark.parametrize("name", ORDINARY)
def test_it_works(engine: Engine, name: str) -> None:
    ask, answer = ORDINARY[name]
    with ClinicSession(engine, tenant_id=NORTH) as session:
        assert ask(session) == answer


def test_on_a_connection_of_ones_own(engine: Engine) -> None:
    for begin in (engine.connect, engine.begin):
        for ask, answer in ORDINARY.values():
            with begin() as connection:
                with ClinicSession(connection, tenant_id=NORTH) as session:
                    assert ask(session) == answer
                connection.rollback()


def test_criteria_alone_answer_right_or_refuse(open_engine: Engine) -> None:
    refused: dict[str, Any] = {}
    for name, (ask, answer) in ORDINARY.items():
        with AgainstForgettingOnlySession(open_engine, tenant_id=NORTH) as session:
            try:
                assert ask(session) == answer, name
            except TenancyError as refusal:
                refused[name] = str(refusal)
    assert len(refused) <= BEYOND_CRITERIA, refused
