"""Two clinics by turns on one server connection, behind a PgBouncer that pools transactions."""

from pathlib import Path

from sqlalchemy import NullPool, create_engine, select, text
from sqlalchemy.orm import Session

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import ClinicSession
from steps.support.postgres.database import Database
from tests.script.pgbouncer import pgbouncer
from tests.tenancy.clinics import LOGIN, NORTH, OURS, SOUTH, THEIRS

IDS = select(Patient.id).order_by(Patient.id)


def test_two_clinics_by_turns_on_one_server_connection(own_clinics: Database, runtime: Path) -> None:
    with pgbouncer(own_clinics.url.set(username=LOGIN), runtime, 1) as url:
        engine = create_engine(url, poolclass=NullPool)  # each session is a client of its own
        pids = set()
        for end in (Session.commit, Session.rollback, Session.close) * 3:
            for clinic, ids in ((NORTH, OURS), (SOUTH, THEIRS)):
                with ClinicSession(engine, tenant_id=clinic) as session:
                    assert session.scalars(IDS).all() == list(ids)
                    end(session)
                    assert session.scalars(IDS).all() == list(ids)
                    pids.add(session.scalar(text("SELECT pg_backend_pid()")))
                with Session(engine) as session:  # of no clinic, and next on the same connection
                    assert session.scalars(IDS).all() == []
        engine.dispose()
    assert len(pids) == 1
