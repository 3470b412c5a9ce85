"""What gets in a migration's way without meaning to: transactions that never stop overlapping, an autovacuum."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg2
from sqlalchemy import Connection

from steps.support.postgres.database import Database
from steps.support.seeds import seed
from steps.support.subject import Subject
from steps.support.traffic import blockers
from steps.support.waiting import HANG_SECONDS, wait_until

OVERLAP_SECONDS = 0.3
OVERLAPPING = 3

SLOW = "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1"  # minutes for some hundred pages
EAGER = (
    "autovacuum_vacuum_threshold = 1, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_insert_threshold = 1, "
    "autovacuum_vacuum_insert_scale_factor = 0"
)
SOME_DEAD_ROWS = "UPDATE {table} SET {written} = {written} WHERE mod({key}, 20) = 0"
OLDEST_AGE = 100_000  # the least a table may be told to be frozen at
OLD_ENOUGH = f"DO $$ BEGIN FOR i IN 1..{OLDEST_AGE + 10_000} LOOP PERFORM txid_current(); COMMIT; END LOOP; END $$"
AT_WORK = """
SELECT EXISTS (SELECT FROM pg_stat_progress_vacuum JOIN pg_stat_activity USING (pid) JOIN pg_locks l USING (pid)
               WHERE l.relation = '{table}'::regclass AND backend_type = 'autovacuum worker'
                 AND (query LIKE '%wraparound%') = {against_wraparound})
"""
MANY = """
INSERT INTO tenants (clinic_name, bot_phone_number)
    SELECT 'Clínica ' || i, '+54' || i FROM generate_series(1, 50) AS i;
INSERT INTO patients (tenant_id, phone_number, dni, first_name, last_name, birth_date, email, notes)
    SELECT mod(i, 50) + 1, '+549' || i, lpad(i::text, 9, '0'), 'Nombre ' || mod(i, 997), 'Apellido ' || mod(i, 4001),
           date '1940-01-01' + mod(i, 28000), 'paciente' || i || '@example.com', repeat('Control anual. ', mod(i, 12))
    FROM generate_series(1, %s) AS i
"""


def many(database: Database, patient_count: int) -> None:
    seed.tables(database)
    with database.connect() as connection:
        connection.exec_driver_sql(MANY, (patient_count,))
        connection.exec_driver_sql("VACUUM (ANALYZE) patients")


@contextmanager
def overlapping(database: Database, subject: Subject, seconds: float = OVERLAP_SECONDS) -> Iterator[None]:
    """Transactions of so many `seconds` that read the table, each begun before the last one ends."""
    stop = threading.Event()

    def work(number: int) -> None:
        connection = psycopg2.connect(database.driver_dsn(), application_name=blockers.NAME)
        with connection.cursor() as cursor:
            stop.wait(number * seconds / OVERLAPPING)
            while not stop.is_set():
                cursor.execute(f"SELECT {subject.key} FROM {subject.relation} LIMIT 1")
                begun.release()
                stop.wait(seconds)
                connection.rollback()
        connection.close()

    begun = threading.Semaphore(0)
    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(OVERLAPPING)]
    for thread in threads:
        thread.start()
    try:
        for _ in threads:
            began = begun.acquire(timeout=HANG_SECONDS)
            assert began, "the transactions that overlap never began"
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@contextmanager
def autovacuum(database: Database, subject: Subject, *, against_wraparound: bool = False) -> Iterator[None]:
    """An autovacuum at work on the table, so slow that it outlasts the block.

    Needs a superuser on a server of ours (autovacuum is hurried for all of it) and some hundred pages of rows.
    """
    table = subject.relation
    with database.connect() as connection:
        _run(connection, "ALTER SYSTEM SET autovacuum_naptime = '1s'", "SELECT pg_reload_conf()")
    try:
        with database.connect() as connection:
            if against_wraparound:
                _run(connection, f"ALTER TABLE {table} SET ({SLOW}, autovacuum_enabled = off)", OLD_ENOUGH)
                _run(connection, f"ALTER TABLE {table} SET (autovacuum_freeze_max_age = {OLDEST_AGE})")
            else:
                _run(
                    connection,
                    f"ALTER TABLE {table} SET ({SLOW}, {EAGER})",
                    SOME_DEAD_ROWS.format(table=table, key=subject.key, written=subject.written),
                )
            at_work = AT_WORK.format(table=table, against_wraparound=against_wraparound).replace("%", "%%")
            wait_until(lambda: bool(connection.exec_driver_sql(at_work).scalar()), f"an autovacuum of {table}")
        yield
    finally:
        with database.connect() as connection:
            _run(connection, "ALTER SYSTEM RESET autovacuum_naptime", "SELECT pg_reload_conf()")
            if not against_wraparound:  # that one gives way to nobody
                _run(connection, f"ALTER TABLE {table} SET (autovacuum_enabled = off)")


def _run(connection: Connection, *statements: str) -> None:
    for statement in statements:
        connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
