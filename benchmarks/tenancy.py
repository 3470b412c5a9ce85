"""What a clinic's session costs beside a plain one: `python -m benchmarks.tenancy [rounds]` prints results/tenancy.md.

In one run, by turns, on one server: the plain session on a database without 02, with the filter a careful developer
writes by hand; the clinic's on one with 02, as a login that has nothing but the role, without a filter.
"""

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from sqlalchemy import ForeignKey, create_engine, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import ClinicSession
from steps.support.postgres import embedded, psql
from steps.support.postgres.pool import Pool
from steps.support.product import META_ADS
from steps.support.seeds import seed
from steps.support.tenant_isolation import ISOLATION, ROLE

CLINIC = 2
LOGIN = "benchmark_clinic"
NUMBERS: list[int] = []  # of the clinic's patients


class _Base(DeclarativeBase):
    pass


class _Clinic(_Base):
    __tablename__ = "tenants"
    id: Mapped[int] = mapped_column(primary_key=True)


class _Person(_Base):
    __tablename__ = "patients"
    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    clinic: Mapped[_Clinic] = relationship()


def _get(session: Session, mine: dict[str, int], number: int = 0) -> object:
    return session.scalars(select(Patient).filter_by(id=NUMBERS[number], **mine)).one()


CASES: dict[str, tuple[int, Callable[[Session, dict[str, int]], Any]]] = {  # with how many of them a round is
    "one row, alone in its transaction": (60, _get),
    "twenty of them in a transaction": (8, lambda s, mine: [_get(s, mine, number) for number in range(20)]),
    "1,000 rows": (4, lambda s, mine: s.scalars(select(Patient).filter_by(**mine).limit(1000)).all()),
    "1,000 rows, each asked for its clinic": (4, lambda s, mine: [
        person.clinic for person in s.scalars(select(_Person).filter_by(**mine).limit(1000))]),
}  # fmt: skip


def _round(kinds: list[Any], case: str) -> list[float]:
    """Milliseconds a transaction of each kind of session, by turns."""
    times, work = CASES[case]
    spent = [0.0, 0.0]
    for _ in range(times):
        for kind, (open_session, mine) in enumerate(kinds):
            began = time.perf_counter()
            with open_session() as session:
                work(session, mine)
            spent[kind] += (time.perf_counter() - began) / times * 1000
    return spent


def main(rounds: int) -> None:
    """Print the table."""
    server = embedded.start()
    try:
        databases = [Pool(server).create(f"benchmark_{number}") for number in range(2)]
        for database, scripts in zip(databases, ([META_ADS.script], [META_ADS.script, ISOLATION.script]), strict=True):
            seed.fill(database, 6_000)
            assert all(psql.run_file(database, script).succeeded for script in scripts)
            with database.connect() as admin:
                admin.execute(text("ANALYZE"))
                NUMBERS[:] = admin.scalars(select(Patient.id).filter_by(tenant_id=CLINIC).limit(20))
        with databases[1].connect() as admin:
            admin.execute(text(f"CREATE ROLE {LOGIN} LOGIN; GRANT {ROLE} TO {LOGIN}"))
        engine, clinics = create_engine(databases[0].url), create_engine(databases[1].url.set(username=LOGIN))
        kept_apart = partial(ClinicSession, clinics, tenant_id=CLINIC)
        kinds: Any = [(partial(Session, engine), {"tenant_id": CLINIC}), (kept_apart, {})]
        print(f"# A clinic's session beside a plain one\n\nPostgres {server.version}, medians of {rounds} rounds, load "
              f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores (over 1.5 it is no measurement).\n\n"
              "| | plain, ms | clinic's, ms | ratio |\n|---|--:|--:|--:|")  # fmt: skip
        for case in CASES:
            found = [_round(kinds, case) for _ in range(rounds + 1)][1:]
            plain, kept = (median(column) for column in zip(*found, strict=True))
            print(f"| {case} | {plain:.3f} | {kept:.3f} | {median(b / a for a, b in found):.2f} |", flush=True)
    finally:
        server.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
