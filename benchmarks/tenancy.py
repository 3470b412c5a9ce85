"""What a clinic's session costs next to the bare one: `python -m benchmarks.tenancy [rounds]`.

Both in one run, in turns, on an embedded server: the bare session has the filter a careful developer writes
by hand, a model without the mark, and none of this project's listeners in the process.
"""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy.orm import DeclarativeBase, Session

from orchestrator_service.db import not_migrated
from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import ClinicSession, session_events, wall
from steps.support.harness.databases import psql
from steps.support.harness.databases.pool import Pool
from steps.support.harness.servers import embedded
from steps.support.spec.product import META_ADS
from steps.support.spec.seeds import seed

CLINIC = 2
AIM = 1.3
_LISTENERS = [
    (Engine, "before_cursor_execute", wall.look),
    (Engine, "handle_error", not_migrated.name_the_migration),
    (Session, "before_attach", session_events.attach_outside_to_nothing),
    (Session, "do_orm_execute", session_events.read_outside_no_text),
]


class _Base(DeclarativeBase):
    """A registry for the model without the mark."""


_patients: Any = Patient.__table__
# Patient's columns, and nothing else of it.
Bare: Any = type("Bare", (_Base,), {"__table__": _patients.to_metadata(_Base.metadata)})


@contextmanager
def without_guards() -> Iterator[None]:
    """A process in which the doors were never imported."""
    for listener in _LISTENERS:
        event.remove(*listener)
    try:
        yield
    finally:
        for listener in _LISTENERS:
            event.listen(*listener)


def cases(engine: Engine, one: int) -> dict[str, tuple[Callable[[], object], Callable[[], object]]]:
    """By name: the same work in the bare session and in the clinic's; each call is a session of its own."""
    mine = Bare.tenant_id == CLINIC

    def bare_get() -> object:
        with Session(engine) as session:
            return session.scalars(select(Bare).where(Bare.id == one, mine)).one()

    def bare_plain_get() -> object:
        with Session(engine) as session:
            return session.get_one(Bare, one)

    def clinic_get() -> object:
        with ClinicSession(engine, tenant_id=CLINIC) as session:
            return session.get_one(Patient, one)

    def bare_list() -> object:
        with Session(engine) as session:
            return session.scalars(select(Bare).where(mine).limit(1000)).all()

    def clinic_list() -> object:
        with ClinicSession(engine, tenant_id=CLINIC) as session:
            return session.scalars(select(Patient).limit(1000)).all()

    return {
        "one row, against a filtered select": (bare_get, clinic_get),
        "one row, against an unfiltered get": (bare_plain_get, clinic_get),
        "a list of 1,000 rows": (bare_list, clinic_list),
    }


def timed(work: Callable[[], object], times: int) -> float:
    """Milliseconds a call, over `times` calls."""
    began = time.perf_counter()
    for _ in range(times):
        work()
    return (time.perf_counter() - began) / times * 1000


def compare(
    bare: Callable[[], object], door: Callable[[], object], rounds: int, times: int
) -> tuple[float, float, float]:
    """Median milliseconds of both, and the median of the rounds' ratios: neighbours in time share their noise."""
    pairs = []
    for _ in range(rounds + 1):
        with without_guards():
            alone = timed(bare, times)
        pairs.append((alone, timed(door, times)))
    pairs = pairs[1:]  # the first round fills caches
    return median(a for a, _ in pairs), median(b for _, b in pairs), median(b / a for a, b in pairs)


def main(rounds: int) -> None:
    """Print the table."""
    server = embedded.start()
    try:
        database = Pool(server).create("benchmark")
        seed.fill(database, 6_000)
        assert psql.run_file(database, META_ADS.script).succeeded
        engine = create_engine(database.url)
        with engine.connect() as connection:
            one = connection.scalar(text(f"SELECT min(id) FROM patients WHERE tenant_id = {CLINIC}"))
        assert isinstance(one, int)
        print(f"Postgres {server.version}, median of {rounds} rounds; aim: a ratio under {AIM}")
        print(f"{'':38}{'bare ms':>10}{'door ms':>10}{'ratio':>8}")
        for name, (bare, door) in cases(engine, one).items():
            alone, guarded, ratio = compare(bare, door, rounds, times=10 if "1,000" in name else 200)
            print(f"{name:38}{alone:10.3f}{guarded:10.3f}{ratio:8.2f}")
        engine.dispose()
    finally:
        server.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 15)
