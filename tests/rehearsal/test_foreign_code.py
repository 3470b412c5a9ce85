"""A dump is somebody's code: it defines what it defines, does nothing outside its database, and comes to an end."""

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from steps.support.errors import SnapshotError
from steps.support.postgres import embedded
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from steps.support.postgres.server import Server, connect
from steps.support.product import PRODUCT
from steps.support.rehearsal import archives, client, limits, loading
from steps.support.rehearsal import restore as restoring
from steps.support.rehearsal.left_out import LeftOut
from steps.support.rehearsal.restore import restore
from steps.support.rehearsal.snapshot import look_at

BEGIN = """-- Dumped from database version 13
SET check_function_bodies = false;
CREATE TABLE public.patients (id int PRIMARY KEY, notes text);
COPY public.patients (id, notes) FROM stdin;
1\tx
2\ty
\\.
"""
Restored = Callable[..., tuple[Database, LeftOut]]
Dumped = Callable[[str], Path]


@pytest.fixture
def restored(server: Server, tmp_path: Path) -> Iterator[Restored]:
    """Restores a small dump with more SQL at its end."""
    pool = Pool(server)

    def put(sql: str, begin: str = BEGIN) -> tuple[Database, LeftOut]:
        path = tmp_path / "dump.sql"
        path.write_text(begin + sql)
        database = pool.create("foreign", real=True)
        return database, restore(look_at(path, PRODUCT), database, server)

    yield put
    pool.drop_all(but=set())
    pool.close()
    with connect(server.url) as connection:
        left = connection.exec_driver_sql("SELECT count(*) FROM pg_database WHERE datname ^@ %s", (pool.prefix,))
        assert left.scalar() == 0
        left = connection.exec_driver_sql("SELECT count(*) FROM pg_roles WHERE rolname = %s", (f"{pool.prefix}guest",))
        assert left.scalar() == 0


def rows(database: Database, table: str = "patients") -> list[tuple[object, ...]]:
    with database.connect() as connection:
        return [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {table} ORDER BY 1")]


FORBIDDEN = [
    "COPY (SELECT 1) TO PROGRAM 'touch {trap}';",
    "COPY public.patients TO '{trap}';",
    "DO $$ BEGIN EXECUTE 'COPY (SELECT 1) TO PROGRAM ''touch {trap}'''; END $$;",
    "CREATE TABLE public.t AS SELECT pg_read_file('/etc/passwd');",
    "SELECT lo_export(lo_from_bytea(0, 'x'), '{trap}');",
    "ALTER SYSTEM SET archive_command = 'touch {trap}';",
    "CREATE FUNCTION public.system(text) RETURNS int LANGUAGE c AS 'libc.so.6', 'system';",
    "CREATE EXTENSION dblink;",
    "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.1' PUBLICATION p;",
    "CREATE PUBLICATION p FOR ALL TABLES;",
    "CREATE ROLE somebody SUPERUSER;",
    "SET SESSION AUTHORIZATION postgres;",
    "RESET SESSION AUTHORIZATION;\nSET ROLE postgres;\nCREATE DATABASE trap;",
    "DROP DATABASE postgres;",
    "GRANT pg_execute_server_program TO CURRENT_USER;",
    "ALTER ROLE CURRENT_USER SUPERUSER;",
    "CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN\nCOPY (SELECT 1) TO PROGRAM"
    " 'touch {trap}';\nEND $$;\nCREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION public.f();\n"
    "CREATE TABLE public.t (x int);",
    "CREATE EVENT TRIGGER e ON login EXECUTE FUNCTION public.f();",
    "\\! touch {trap}\n\\connect postgres\n\\copy public.patients to '{trap}'",
]


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_it_does_nothing_outside_its_database(sql: str, restored: Restored, tmp_path: Path, server: Server) -> None:
    trap = tmp_path / "trap"

    def outside() -> list[object]:
        with connect(server.url) as connection:
            found = "SELECT array_agg(rolname || rolsuper), (SELECT count(*) FROM pg_auth_members) FROM pg_roles " \
                "WHERE rolname !~ '^acceptance'"  # fmt: skip
            return [*connection.exec_driver_sql(found).one()]

    before = outside()
    database, left = restored(sql.format(trap=trap) + "\nCREATE TABLE public.last (x int);\n")
    assert not trap.exists()
    assert outside() == before
    assert rows(database) == [(1, "x"), (2, "y")]
    with database.connect() as connection:
        assert connection.exec_driver_sql("SELECT current_user").scalar() == database.url.username
        assert not connection.exec_driver_sql("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").scalar()
        with pytest.raises(DBAPIError, match="InsufficientPrivilege"):
            connection.exec_driver_sql("COPY (SELECT 1) TO PROGRAM 'true'")
    assert not sql.startswith("CREATE PUB") or left.lines() == [
        "lo que pide más permisos que los del dueño de una base de datos: 1 CREATE PUBLICATION"
    ]


def test_what_it_defines_is_not_run(restored: Restored, server: Server) -> None:
    atomic = """CREATE FUNCTION public.f() RETURNS void LANGUAGE sql
BEGIN ATOMIC
 UPDATE public.patients SET notes = 'harm';
 SELECT CASE WHEN true THEN 1 END;
 INSERT INTO public.patients VALUES (3);
END;
""" * (server.major >= 14)
    database, left = restored(
        atomic
        + """CREATE RULE r AS ON INSERT TO public.patients DO ALSO ( DELETE FROM public.patients;
 UPDATE public.patients SET notes = 'harm';
);
CREATE FUNCTION public.g() RETURNS void LANGUAGE plpgsql AS $_$
BEGIN
DELETE FROM public.patients;
END; $_$;
"""
    )
    assert rows(database) == [(1, "x"), (2, "y")]
    assert left == LeftOut()
    with database.connect() as connection:
        made = connection.exec_driver_sql(
            "SELECT (SELECT count(*) FROM pg_proc WHERE proname IN ('f', 'g')), (SELECT count(*) FROM pg_rules)"
            " - (SELECT count(*) FROM pg_rules WHERE schemaname <> 'public')"
        ).one()
    assert made == (1 + (server.major >= 14), 1)


def test_rows_of_a_table_that_cannot_be_made_are_no_sql(restored: Restored) -> None:
    database, left = restored(
        "CREATE TABLE public.log (x public.nothing);\nCOPY public.log (x) FROM stdin;\nO'Brien\n"
        ";DELETE FROM public.patients;\n\\.\nCREATE TABLE public.login (x int REFERENCES public.nothing);\n"
        "CREATE INDEX i ON public.log (x);\nCREATE INDEX j ON public.patients (nothing);\n"
    )
    assert rows(database) == [(1, "x"), (2, "y")]
    assert left.unrehearsed() == [
        "tablas que no se pudieron restaurar, con su SQLSTATE: public.log (42704 undefined_object), "
        "public.login (42P01 undefined_table)",
        "otras sentencias, con su SQLSTATE: 1 CREATE INDEX (42703 undefined_column)",
    ]
    assert left.touching("patients") == "1 CREATE INDEX"
    assert left.touching("patient") == ""


def test_an_event_trigger_is_there_and_runs_as_the_guest(restored: Restored) -> None:
    database, left = restored(
        "CREATE TABLE public.seen (who text);\n"
        "CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN\n"
        "INSERT INTO public.seen VALUES (current_user); END $$;\n"
        "CREATE EVENT TRIGGER e ON ddl_command_end\n         WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE')\n"
        "   EXECUTE FUNCTION public.f();\nALTER EVENT TRIGGER e OWNER TO postgres;\n"
    )
    with database.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE public.t (x int)")
    assert rows(database, "seen") == [(database.url.username,)]
    assert left == LeftOut()


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("CREATE EXTENSION IF NOT EXISTS nothing WITH SCHEMA public;\n"
         "CREATE TABLE public.patients (id public.nothing);\n", "patients of dump.sql cannot be restored here. Left"),
        ("CREATE TABLE public.patients (id int);\n", "The rows of patients of dump.sql cannot be loaded here (22P0"),
    ],
)  # fmt: skip
def test_what_cannot_be_restored_names_the_way_out(table: str, said: str, server: Server, tmp_path: Path) -> None:
    path = tmp_path / "dump.sql"
    path.write_text(table + "COPY public.patients (id) FROM stdin;\nx\n\\.\n")
    pool = Pool(server)
    with pytest.raises(SnapshotError) as raised:
        restore(look_at(path, PRODUCT), pool.create("refused", real=True), server)
    pool.drop_all(but=set())
    pool.close()
    assert said in str(raised.value)
    assert "-D postgres=docker has the usual extensions, ICU and XML" in str(raised.value)


def test_uuids_made_by_an_extension_that_is_not_here(restored: Restored, server: Server) -> None:
    with connect(server.url) as connection:
        if connection.exec_driver_sql("SELECT 1 FROM pg_available_extensions WHERE name = 'uuid-ossp'").scalar():
            pytest.skip("it is here")
    database, left = restored(
        'CREATE SCHEMA extensions;\nCREATE EXTENSION IF NOT EXISTS "uuid-ossp" WITH SCHEMA extensions;\n'
        "CREATE TABLE public.t (id uuid DEFAULT extensions.uuid_generate_v4());\n" + BEGIN,
        begin="",
    )
    assert left.tables == {}
    assert left.extensions == {"uuid-ossp"}
    assert rows(database, "public.t") == []


def test_a_statement_without_end_is_ended(restored: Restored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "STATEMENT_SECONDS", 1.0)
    with pytest.raises(SnapshotError, match="A statement of the snapshot does not end"):
        restored("SELECT pg_sleep(60);\n")


def test_a_table_that_grows_without_end_is_ended(restored: Restored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SLACK", 30 << 20)
    with pytest.raises(SnapshotError, match="The snapshot grows without end"):
        restored("CREATE TABLE public.t AS SELECT repeat('x', 1000) FROM generate_series(1, 100000000);\n")


def test_several_databases_are_not_taken_for_one(tmp_path: Path) -> None:
    path = tmp_path / "all.sql"
    one = f"--\n-- PostgreSQL database dump\n--\n{BEGIN}--\n-- PostgreSQL database dump complete\n--\n"
    path.write_text(one + "\\connect staging\n" + one)
    with pytest.raises(SnapshotError, match=r"holds 2 databases, as pg_dumpall writes them.*Dump the one to migrate"):
        look_at(path, PRODUCT)
    path.write_text(one)
    assert look_at(path, PRODUCT).tables == {"patients"}


def test_a_folder_with_a_file_cut_short_is_not_whole(source: Database, tmp_path: Path) -> None:
    command = [embedded.client("pg_dump"), "--format=directory", "--compress=0", f"--file={tmp_path / 'whole'}"]
    subprocess.run([*command, f"--dbname={source.libpq_url()}"], check=True)
    assert look_at(tmp_path / "whole", PRODUCT).size
    for share in (0.0, 0.3, 0.9999):
        path = shutil.copytree(tmp_path / "whole", tmp_path / f"cut {share}")
        largest = max(path.glob("*.dat"), key=lambda file: file.stat().st_size * (file.name != "toc.dat"))
        largest.write_bytes(largest.read_bytes()[: int(largest.stat().st_size * share)])
        with pytest.raises(SnapshotError, match=r"is cut short: .* has no end. Copy or dump it again, whole"):
            look_at(path, PRODUCT)


@pytest.mark.parametrize("name", ["custom.dump", "archive.tar", "plain.sql.gz", "plain.sql.zst"])
def test_a_damaged_dump_is_refused_in_no_time(
    name: str, dumped: Dumped, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "SILENCE_SECONDS", 3.0)
    monkeypatch.setattr(archives, "SILENCE_SECONDS", 3.0)
    whole = dumped(name).read_bytes()
    for place in range(100, len(whole), max(1, len(whole) // 12)):
        path = tmp_path / name
        path.write_bytes(whole[:place] + bytes(200) + whole[place + 200 :])
        began = time.monotonic()
        with suppress(SnapshotError):
            look_at(path, PRODUCT)
        assert time.monotonic() - began < 20, place


@pytest.mark.parametrize(
    "end", ["SELECT 'no end;\n", "COPY public.patients (id) FROM stdin;\n3\n", "COPY public.words (x) FROM stdin;\nx\n"]
)
def test_a_text_that_ends_in_the_midst_is_not_whole(end: str, restored: Restored) -> None:
    with pytest.raises(SnapshotError, match="is cut short: it ends inside rows or a statement"):
        restored("CREATE TABLE public.words (x text);\n" + end)


@pytest.mark.parametrize("unable", ["/restrict/d", "/^COPY/d"])
def test_a_psql_that_would_run_a_dumps_commands_gets_none(
    unable: str, restored: Restored, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = tmp_path / "psql"
    old.write_text(f'#!/bin/sh\nsed {unable} | {embedded.psql()} "$@"\n')
    old.chmod(0o755)
    monkeypatch.setattr(loading, "psql", lambda: str(old))
    with pytest.raises(SnapshotError, match=r"would run commands that a dump can hold. Install a newer Postgres"):
        restored(f"\\! touch {tmp_path / 'trap'}\n")
    assert not (tmp_path / "trap").exists()


def test_an_event_trigger_that_is_off_stays_off(restored: Restored) -> None:
    database, left = restored(
        "CREATE FUNCTION public.f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;\n"
        "CREATE EVENT TRIGGER e ON ddl_command_end\n   EXECUTE FUNCTION public.f();\n"
        "COMMENT ON EVENT TRIGGER e IS 'x';\nALTER EVENT TRIGGER e DISABLE;\n"
    )
    with database.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE public.t (x int)")
    assert left == LeftOut()


def test_a_policy_that_cannot_be_made_is_named(restored: Restored) -> None:
    _, left = restored(
        "CREATE POLICY p ON public.patients TO nobody_here USING (true);\n"
        "CREATE POLICY q ON public.patients USING (nothing(id));\n"
    )
    assert left.roles == {"nobody_here"}
    assert left.touching("patients") == "1 CREATE POLICY"


SETTINGS = (
    "ALTER DATABASE {database} CONNECTION LIMIT 0", "ALTER DATABASE {database} IS_TEMPLATE true",
    "ALTER DATABASE {database} SET default_transaction_read_only = on", "REVOKE ALL ON DATABASE {database} FROM PUBLIC",
    "REVOKE ALL ON DATABASE {database} FROM CURRENT_USER", "ALTER ROLE CURRENT_USER SET statement_timeout = 1",
    "ALTER ROLE CURRENT_USER IN DATABASE {database} SET search_path = nothing",
    "ALTER ROLE CURRENT_USER PASSWORD 'another'",
)  # fmt: skip


def test_nothing_it_sets_beside_its_database_outlives_it(restored: Restored) -> None:
    sets = " ".join(f"EXECUTE format($f${one}$f$, database);" for one in SETTINGS).replace("{database}", "%1$I")
    body = f"DECLARE database text := current_database(); BEGIN {sets} END"
    database, left = restored(f"DO $$ {body} $$;\n")
    assert left == LeftOut()
    with database.connect() as connection:
        found = "SELECT datconnlimit, datistemplate FROM pg_database WHERE datname = current_database()"
        assert connection.exec_driver_sql(found).one() == (-1, False)
        assert connection.exec_driver_sql("SELECT count(*) FROM pg_db_role_setting").scalar() == 0
        connection.exec_driver_sql("CREATE SCHEMA s; SELECT pg_sleep(0.05)")


def test_a_database_it_calls_a_template_is_dropped_all_the_same(restored: Restored) -> None:
    calls = "EXECUTE format('ALTER DATABASE %I IS_TEMPLATE true', current_database())"
    with pytest.raises(SnapshotError, match="is cut short"):
        restored(f"DO $$ BEGIN {calls}; END $$;\nSELECT 'no end\n")


def test_what_it_sorts_on_disk_has_an_end(restored: Restored, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(restoring, "SLACK", 30 << 20)
    _, left = restored(
        "SELECT count(*) FROM (SELECT i, random() AS r FROM generate_series(1, 5000000) i ORDER BY r) x;\n"
    )
    assert left.unrehearsed() == ["otras sentencias, con su SQLSTATE: 1 SELECT (53400 configuration_limit_exceeded)"]


LONG = ", ".join(f"'{'x' * 60}' AS c{number}" for number in range(100))


@pytest.mark.parametrize(
    ("sql", "touches"),
    [
        (f"CREATE VIEW public.v AS SELECT {LONG}, nothing(p.id) AS z FROM public.patients p;\n", "1 CREATE VIEW"),
        (f"CREATE VIEW public.v AS SELECT {LONG * 9} FROM public.patients p, nothing;\n", "1 CREATE VIEW"),
        ("CREATE TABLE public.log (x public.nothing);\n"
         "CREATE VIEW public.v AS SELECT p.id FROM public.patients p, public.log;\n", "1 CREATE VIEW"),
        ("CREATE TABLE public.log (x public.nothing);\n"
         "ALTER TABLE ONLY public.log ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES public.patients (id);\n", ""),
    ],
    ids=["a long one", "one too long", "of a table that is not there too", "only of a table that is not there"],
)  # fmt: skip
def test_what_is_missing_of_a_table_is_known_whatever_else_it_is_of(sql: str, touches: str, restored: Restored) -> None:
    assert restored(sql)[1].touching("patients") == touches


def test_rows_without_their_copy_are_no_kind_of_statement(restored: Restored) -> None:
    _, left = restored("ZULMA PEREZ\tO'Brien;\n';\nSELECT nothing(1);\n")
    assert "ZULMA" not in "".join(left.lines())


def test_what_fails_without_end_is_ended(restored: Restored) -> None:
    began = time.monotonic()
    tables = "".join(f"CREATE TABLE public.t{number} (x nothing);\n" for number in range(30_000))
    with pytest.raises(SnapshotError, match=r"Too much of dump.sql cannot be restored here: tablas que no se pudieron"):
        restored(tables)
    assert time.monotonic() - began < 30
