"""What a clinic's session costs beside a plain one: `python -m benchmarks.tenancy [rounds]` prints results/tenancy.md.

In one run, by turns, on one server: the plain session on a database without 02, with the filter a careful developer
writes by hand; the clinic's on one with 02, as a login that has nothing but the role, without a filter.
"""

import os
import sys
from collections.abc import Callable
from functools import partial
from statistics import median
from timeit import timeit
from typing import Any

from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import ClinicSession
from steps.support.postgres import embedded, psql
from steps.support.postgres.database import Pool
from steps.support.product import META_ADS
from steps.support.seeds import seed
from steps.support.tenant_isolation import ISOLATION
from tests.tenancy.clinics import LOGIN, NORTH, ROLE, Person

Work = Callable[[Session, dict[str, int]], Any]
NUMBERS: list[int] = []  # of the clinic's patients


def _get(session: Session, mine: dict[str, int], number: int = 0) -> object:
    return session.scalars(select(Patient).filter_by(id=NUMBERS[number], **mine)).one()


CASES: dict[str, Work] = {
    "one row, alone in its transaction": _get,
    "twenty of them in a transaction": lambda s, mine: [_get(s, mine, number) for number in range(20)],
    "1,000 rows": lambda s, mine: s.scalars(select(Patient).filter_by(**mine).limit(1000)).all(),
    "1,000 rows, each asked for its clinic": lambda s, mine: [
        one.clinic for one in s.scalars(select(Person).filter_by(**mine).limit(1000))
    ],
}


def _transaction(work: Work, open_session: Callable[[], Session], mine: dict[str, int]) -> None:
    with open_session() as session:
        work(session, mine)


def main(rounds: int) -> None:
    """Print the table."""
    server = embedded.start()
    try:
        plain, apart = (Pool(server).create(f"benchmark_{number}") for number in range(2))
        for database in (plain, apart):
            seed.fill(database, 6_000)
            assert psql.run_file(database, META_ADS.script).succeeded
        assert psql.run_file(apart, ISOLATION.script).succeeded
        with apart.connect() as admin:
            NUMBERS[:] = admin.scalars(select(Patient.id).filter_by(tenant_id=NORTH).limit(20))
            admin.exec_driver_sql(f"CREATE ROLE {LOGIN} LOGIN; GRANT {ROLE} TO {LOGIN}")
        engine, clinics = create_engine(plain.url), create_engine(apart.url.set(username=LOGIN))
        kinds: Any = (
            (partial(Session, engine), {"tenant_id": NORTH}),
            (partial(ClinicSession, clinics, tenant_id=NORTH), {}),
        )
        print(f"# A clinic's session beside a plain one\n\nPostgres {server.version}, medians of {rounds} rounds, load "
              f"{os.getloadavg()[0]:.1f} on {os.cpu_count()} cores (over 1.5 it is no measurement).\n\n"
              "| | plain, ms | clinic's, ms | ratio |\n|---|--:|--:|--:|")  # fmt: skip
        for case, work in CASES.items():
            both = [partial(_transaction, work, *kind) for kind in kinds]
            found = [[1000 * timeit(one, number=1) for one in both] for _ in range(rounds + 9)]
            one, other = (median(column[9:]) for column in zip(*found, strict=True))  # the first fill caches
            print(f"| {case} | {one:.3f} | {other:.3f} | {median(b / a for a, b in found[9:]):.2f} |", flush=True)
    finally:
        server.stop()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
