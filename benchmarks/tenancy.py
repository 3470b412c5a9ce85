"""What a clinic's session costs next to a plain one: `python -m benchmarks.tenancy [rounds]` prints results/tenancy.md.

Both in one run, in turns, on an embedded server after 01 and 02: the plain session works as the login, which no policy
concerns, with the filter a careful developer writes by hand.
"""

import os
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from sqlalchemy import Engine, ForeignKey, create_engine, insert, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import ClinicSession
from steps.support.options import ROOT
from steps.support.postgres import embedded, psql
from steps.support.postgres.pool import Pool
from steps.support.product import META_ADS
from steps.support.seeds import seed

CLINIC = 2
AIM = 1.10
ISOLATION = ROOT / "migrations" / "02_tenant_isolation.sql"
Work = Callable[[Session, bool], object]


class _Base(DeclarativeBase):
    """A registry for a patient with its clinic, which the service's model does not map."""


class _Clinic(_Base):
    __tablename__ = "tenants"

    id: Mapped[int] = mapped_column(primary_key=True)


class _Person(_Base):
    __tablename__ = "patients"

    id: Mapped[int] = mapped_column(primary_key=True)
    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenants.id"))
    clinic: Mapped[_Clinic] = relationship()


def _mine(plain: bool, model: Any = Patient) -> list[Any]:
    return [model.tenant_id == CLINIC] if plain else []


def one_row(session: Session, plain: bool, number: int = 0) -> object:
    """One row by its id."""
    return session.scalars(select(Patient).where(Patient.id == numbers[number], *_mine(plain))).one()


def a_thousand(session: Session, plain: bool) -> object:
    """A list of 1,000 rows."""
    return session.scalars(select(Patient).where(*_mine(plain)).limit(1000)).all()


def insert_a_thousand(session: Session, plain: bool) -> object:
    """1,000 rows in one insert, taken back."""
    given = {"tenant_id": CLINIC} if plain else {}
    rows = [{"phone_number": f"b{i}", "first_name": "a", **given} for i in range(1000)]
    return session.execute(insert(Patient), rows)


def many_to_one(session: Session, plain: bool) -> object:
    """1,000 rows, each asked for the clinic that is already loaded."""
    people = session.scalars(select(_Person).where(*_mine(plain, _Person)).limit(1000)).all()
    return [person.clinic for person in people]


def twenty(session: Session, plain: bool) -> object:
    """Twenty statements in one transaction."""
    return [one_row(session, plain, number) for number in range(20)]


numbers: list[int] = []
CASES: dict[str, tuple[Work, int]] = {
    "one row, alone in its transaction": (one_row, 100),
    "1,000 rows": (a_thousand, 5),
    "insert of 1,000 rows": (insert_a_thousand, 3),
    "many-to-one already loaded, of 1,000": (many_to_one, 5),
    "twenty statements in a transaction": (twenty, 10),
}


def timed(engine: Engine, work: Work, times: int, plain: bool) -> float:
    """Milliseconds a transaction, over `times` of them."""
    began = time.perf_counter()
    for _ in range(times):
        with Session(engine) if plain else ClinicSession(engine, tenant_id=CLINIC) as session:
            work(session, plain)
    return (time.perf_counter() - began) / times * 1000


def compare(engine: Engine, work: Work, times: int, rounds: int) -> tuple[float, float, float]:
    """Median milliseconds of both, and the median of the rounds' ratios: neighbours in time share their noise."""
    pairs = [(timed(engine, work, times, True), timed(engine, work, times, False)) for _ in range(rounds + 1)][1:]
    return median(a for a, _ in pairs), median(b for _, b in pairs), median(b / a for a, b in pairs)


def main(rounds: int) -> None:
    """Print the table."""
    server = embedded.start()
    try:
        database = Pool(server).create("benchmark")
        seed.tables(database)
        seed.fill(database, 6_000)
        for script in (META_ADS.script, ISOLATION):
            assert psql.run_file(database, script).succeeded
        engine = create_engine(database.url)
        with engine.begin() as connection:
            connection.execute(text("ANALYZE"))
            numbers[:] = connection.scalars(
                text(f"SELECT id FROM patients WHERE tenant_id = {CLINIC} ORDER BY id LIMIT 20")
            )
        print("# A clinic's session beside a plain one\n")
        print(
            f"`python -m benchmarks.tenancy {rounds}`: Postgres {server.version}, median of {rounds} rounds in turns."
        )
        load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"  # over 1.5 it is no measurement
        print(f"The aim is a ratio of {AIM} at most, but for the first; {load} at the beginning.\n")
        print("| | plain, ms | clinic's, ms | ratio |\n|---|--:|--:|--:|")
        for name, (work, times) in CASES.items():
            plain, kept, ratio = compare(engine, work, times, rounds)
            print(f"| {name} | {plain:.3f} | {kept:.3f} | {ratio:.2f} |", flush=True)
        engine.dispose()
    finally:
        server.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 25)
