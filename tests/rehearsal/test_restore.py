"""A dump is foreign code: it defines what it defines, does nothing outside its database, and what it lacks is named."""

import subprocess
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import psycopg2
import pytest

from steps.support.errors import SnapshotError
from steps.support.postgres import embedded
from steps.support.postgres.database import Database, Pool
from steps.support.postgres.server import Server, connect
from steps.support.product import META_ADS
from steps.support.rehearsal import restore as restoring
from steps.support.rehearsal import source
from steps.support.rehearsal.prepare import prepare
from steps.support.rehearsal.restore import restore
from steps.support.rehearsal.source import look_at
from tests.rehearsal.conftest import PATIENTS, Rehearse
from tests.rehearsal.small import TABLES, correct, text
from tests.rehearsal.snapshots import FORMATS

Restored = Callable[..., tuple[Database, list[str]]]
Dumped = Callable[[str], Path]


@pytest.fixture
def restored(server: Server, tmp_path: Path) -> Iterator[Restored]:
    """Restores a small dump with more at its end; the copy, and what was left out."""
    pool, numbers = Pool(server), count(1)

    def put(more: str = "", tables: str = TABLES, path: Path | None = None) -> tuple[Database, list[str]]:
        dump = path or tmp_path / "dump.sql"
        if not path:
            dump.write_text(text(more, tables))
        database, seen = pool.create(f"foreign_{next(numbers)}", real=True), look_at(dump, META_ADS)
        prepare(seen, database, server)
        return database, [str(one) for one in restore(dump, seen.label, database)]

    yield put
    pool.drop_all(but=set())
    pool.close()


def rows(database: Database, table: str = "public.patients") -> object:
    with database.connect() as connection:
        return connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar()


FORBIDDEN = [
    "COPY (SELECT 1) TO PROGRAM 'touch {trap}';",
    "COPY public.patients TO '{trap}';",
    "DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch {trap}'''; END $$;",
    "SELECT lo_export(lo_from_bytea(0, 'x'), '{trap}');",
    "ALTER SYSTEM SET archive_command = 'touch {trap}';",
    "CREATE FUNCTION public.system(text) RETURNS int LANGUAGE c AS 'libc.so.6', 'system';",
    "CREATE EXTENSION dblink;",
    "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1' PUBLICATION p;",
    "CREATE ROLE another SUPERUSER;",
    "SET SESSION AUTHORIZATION postgres;\nSET ROLE postgres;\nCREATE DATABASE trap;",
    "GRANT pg_execute_server_program TO CURRENT_USER;\nALTER ROLE CURRENT_USER SUPERUSER;",
    "CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;\n"
    "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION public.f();",
    "\\! touch {trap}\n\\connect postgres\n\\copy public.patients to '{trap}'",
]


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_it_does_nothing_outside_its_database(sql: str, restored: Restored, runtime: Path, server: Server) -> None:
    runtime.chmod(0o777)
    outside = "SELECT array_agg(rolname || rolsuper ORDER BY 1), (SELECT count(*) FROM pg_auth_members) FROM pg_roles"
    outside += " WHERE rolname !~ '^acceptance'"
    with connect(server.url) as connection:
        before = connection.exec_driver_sql(outside).one()
        database, _ = restored(sql.format(trap=runtime / "trap") + "\nCREATE TABLE public.last (x int);\n")
        assert connection.exec_driver_sql(outside).one() == before
        assert not connection.exec_driver_sql("SELECT 1 FROM pg_database WHERE datname = 'trap'").scalar()
    assert not (runtime / "trap").exists()
    assert (rows(database), rows(database, "public.last")) == (4, 0)
    with database.connect() as connection:
        assert not connection.exec_driver_sql("SELECT count(*) FROM pg_event_trigger").scalar()


def test_no_session_but_the_guests_enters_the_copy(rehearse: Rehearse, monkeypatch: pytest.MonkeyPatch) -> None:
    real, before = psycopg2.connect, restoring.restore
    sessions: list[tuple[str, str]] = []

    def begins(*told: object) -> object:
        sessions.clear()
        return before(*told)  # type: ignore[arg-type]

    def enters(*told: object, **named: object) -> object:
        connection = real(*told, **named)  # type: ignore[call-overload]
        sessions.append((connection.info.dbname.rsplit("_", 1)[0], connection.info.user.rsplit("_", 1)[-1]))
        return connection

    monkeypatch.setattr(psycopg2, "connect", enters)
    monkeypatch.setattr("steps.support.rehearsal.rehearsal.restore", begins)
    assert rehearse(script=correct()).state == "accepted"
    inside = {user for database, user in sessions if database.startswith("acceptance")}
    assert inside == {"guest"}


@pytest.mark.parametrize("name", FORMATS)
def test_every_format(name: str, dumped: Dumped, restored: Restored) -> None:
    database, left = restored(path=dumped(name))
    assert rows(database) == PATIENTS
    assert rows(database, "public.messages") == 50
    assert left == []  # its roles are on this server


def test_a_copy_cut_short_is_refused(dumped: Dumped, source: Database, restored: Restored, tmp_path: Path) -> None:
    for name in FORMATS:
        if (whole := dumped(name)).is_file():
            half = tmp_path / name
            half.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
            with pytest.raises(SnapshotError, match=r"cut short|whole|is no dump|pg_restore cannot"):
                restored(path=half)
    folder = tmp_path / "folder"
    command = [embedded.client("pg_dump"), "--format=directory", "--compress=0", f"--file={folder}"]
    subprocess.run([*command, f"--dbname={source.libpq_url()}"], check=True)
    largest = max(folder.glob("[0-9]*"), key=lambda file: file.stat().st_size)
    largest.write_bytes(largest.read_bytes()[: largest.stat().st_size // 2])
    with pytest.raises(SnapshotError, match="is cut short"):
        restored(path=folder)


def test_an_old_psql_gets_no_dump(restored: Restored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "psql"
    without = 'for a; do shift; case "$a" in *restrict*) ;; *) set -- "$@" "$a";; esac; done'
    old.write_text(f'#!/bin/sh\n{without}\nexec {embedded.client("psql")} "$@"\n')
    old.chmod(0o755)
    monkeypatch.setattr(source, "client", lambda _program: str(old))
    with pytest.raises(SnapshotError, match=r"would run commands that a dump can hold. Install a newer Postgres"):
        restored(f"\\! touch {tmp_path / 'trap'}\n")
    assert not (tmp_path / "trap").exists()


# What managed services' dumps leave out or ask for, and what comes of it here.
SERVICES = {
    "Supabase: policies for roles and functions of its own": (
        "ALTER TABLE public.patients ENABLE ROW LEVEL SECURITY;\n"
        "CREATE POLICY own ON public.patients TO authenticated USING ((auth.uid() IS NOT NULL));\n",
        ["CREATE POLICY own ON public.patients (nombra algo que acá no existe)"], True),
    "Supabase: a key that leads out of the schema that was dumped": (
        'ALTER TABLE ONLY "public"."patients" ADD CONSTRAINT "u" FOREIGN KEY (id) REFERENCES "auth"."users"("id");\n',
        ['ALTER TABLE ONLY "public"."patients" ADD CONSTRAINT "u" (nombra algo que acá no existe)'], False),
    "Supabase: an extension in its own schema": (
        "CREATE EXTENSION IF NOT EXISTS pg_net WITH SCHEMA extensions;\n",
        ["CREATE EXTENSION IF NOT EXISTS pg_net (este servidor no lo tiene)"], True),
    "Supabase: event triggers": (
        "CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;\n"
        "CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION public.f();\n",
        ["CREATE EVENT TRIGGER watch ON ddl_command_end (pide más permisos que los del dueño de la base)"], True),
    "any: uuids of an extension that the embedded server lacks": (
        'CREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA extensions;\n'
        "CREATE TABLE public.t AS SELECT extensions.uuid_generate_v4();\n",
        ['CREATE EXTENSION IF NOT EXISTS "uuid-ossp" (este servidor no lo tiene)'], True),
    "Neon: privileges of its roles": (
        "ALTER DEFAULT PRIVILEGES FOR ROLE cloud_admin IN SCHEMA public GRANT ALL ON TABLES TO neon_superuser;\n"
        "ALTER TABLE public.patients OWNER TO neondb_owner;\n", [], True),
    "RDS: an extension of its own": (
        "CREATE EXTENSION aws_s3 CASCADE;\nGRANT SELECT ON TABLE public.patients TO rds_superuser;\n",
        ["CREATE EXTENSION aws_s3 (este servidor no lo tiene)"], True),
    "Cloud SQL: a foreign server": (
        "CREATE SERVER other FOREIGN DATA WRAPPER postgres_fdw;\n",
        ["CREATE SERVER other (nombra algo que acá no existe)"], True),
    "Heroku: its schema of extensions": (
        "CREATE EXTENSION IF NOT EXISTS pg_stat_statements WITH SCHEMA heroku_ext;\n"
        "COMMENT ON EXTENSION pg_stat_statements IS 'x';\n", [], True),
    "Timescale: rows of another table": (
        "COPY _timescaledb_internal._hyper_1_1_chunk (at) FROM stdin;\n2026-02-02\n\\.\n",
        ["COPY _timescaledb_internal._hyper_1_1_chunk (nombra algo que acá no existe)"], True),
    "Timescale: a function of its own on the table": (
        "CREATE TRIGGER ts_insert_blocker BEFORE INSERT ON public.patients FOR EACH ROW EXECUTE FUNCTION "
        "_timescaledb_functions.insert_blocker();\n",
        ["CREATE TRIGGER ts_insert_blocker (nombra algo que acá no existe)"], False),
}  # fmt: skip


@pytest.mark.parametrize("service", SERVICES)
def test_a_managed_services_dump(service: str, rehearse: Rehearse) -> None:
    more, left, accepted = SERVICES[service]
    head = "".join(line for line in more.splitlines(keepends=True) if "CREATE EXTENSION" in line)
    found = rehearse(more.replace(head, ""), correct(), head=head)
    assert [str(one) for one in found.left] == left
    assert (found.state == "accepted") is accepted, found.verdict
