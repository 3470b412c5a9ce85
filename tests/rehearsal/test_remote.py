"""A database elsewhere: read by pg_dump, left as it was, and refused in one line without its password."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from steps.support.errors import SnapshotError
from steps.support.postgres.database import Database, Pool
from steps.support.postgres.server import Server, connect
from steps.support.product import META_ADS
from steps.support.rehearsal.remote import look_at
from tests.rehearsal.small import TABLES
from tests.running import address, behave
from tests.script.pgbouncer import pgbouncer

PASSWORD = "s3cret-and-wrong"
MORE = "INSERT INTO public.patients (id, tenant_id) VALUES (1, 1); CREATE PUBLICATION mails FOR TABLE public.patients"
STATE = "SELECT current_setting('default_transaction_read_only'), current_setting('search_path')"


@pytest.fixture
def small(server: Server) -> Iterator[Database]:
    """A database with the small dump in it, and things that hang on its table."""
    pool = Pool(server)
    database = pool.create("small")
    with database.connect() as connection:
        connection.exec_driver_sql(TABLES + MORE)
    yield database
    pool.drop(database)
    pool.close()


def test_a_database_is_rehearsed_and_what_hangs_on_its_table_is_asked_there(small: Database, server: Server) -> None:
    given = f"{small.driver_dsn()}&options=-c%20work_mem%3D8MB&schema=public"  # the last is Prisma's
    done = behave("-D", f"postgres={address(server)}", "-D", f"snapshot={given}", "--format=null")
    assert done.returncode == 0, done.stdout
    assert "before: publication mails: sends whole rows" in done.stdout


def test_a_pooler_is_refused_and_its_pool_left_as_it_was(small: Database, server: Server, runtime: Path) -> None:
    with pgbouncer(server.url, runtime, 1) as pooler:
        pooled = pooler.set(database=small.name)
        with connect(pooled) as connection:
            before = connection.exec_driver_sql(STATE).one()
        given = pooled.set(drivername="postgresql").render_as_string(hide_password=False)
        done = behave("-D", f"postgres={address(server)}", "-D", f"snapshot={given}", "--format=null")
        with connect(pooled) as connection:
            assert connection.exec_driver_sql(STATE).one() == before
            connection.exec_driver_sql("INSERT INTO public.tenants VALUES (7, 'Siete')")
    assert "is a pooler, which hands on what pg_dump sets" in done.stdout
    assert done.returncode == 1


@pytest.mark.parametrize("option", ["snapshot", "postgres"])
@pytest.mark.parametrize(
    "given",
    [
        f"postgresql://reader:{PASSWORD}@127.0.0.1:1/x",
        f"postgresql://127.0.0.1:1/x?password={PASSWORD}",
        f"host=127.0.0.1 port=1 password={PASSWORD} dbname=x",
        f"reader:{PASSWORD}@127.0.0.1/x",
    ],
)
def test_a_password_is_in_no_output(option: str, given: str) -> None:
    done = behave("-D", f"{option}={given}", "--format=null")
    assert done.returncode
    assert not re.search(f"{PASSWORD}|Traceback", done.stdout + done.stderr)


def test_rows_that_are_hidden_are_not_rehearsed_without(small: Database) -> None:
    with small.connect() as connection:
        connection.exec_driver_sql(
            "CREATE ROLE meta_ads_reader LOGIN PASSWORD 'x'; GRANT SELECT ON ALL TABLES IN SCHEMA "
            "public TO meta_ads_reader; ALTER TABLE public.patients ENABLE ROW LEVEL SECURITY"
        )
        try:
            reader = small.url.set(username="meta_ads_reader", password="x")
            with pytest.raises(SnapshotError, match=r"meta_ads_reader may not see all rows of patients"):
                look_at(reader, META_ADS)
        finally:
            connection.exec_driver_sql("DROP OWNED BY meta_ads_reader; DROP ROLE meta_ads_reader")


def test_a_server_whose_role_is_no_superuser(small: Database, server: Server) -> None:
    name = "meta_ads_owner"
    with connect(server.url) as admin:
        admin.exec_driver_sql(f"CREATE ROLE {name} LOGIN CREATEDB CREATEROLE PASSWORD 'x'")
        try:
            on = address(server).replace("postgres@", f"{name}:x@", 1)
            assert name in on
            done = behave("-D", f"postgres={on}", "-D", f"snapshot={small.driver_dsn()}", "--format=null")
            assert done.returncode == 0, done.stdout + done.stderr
            with small.connect() as connection:
                connection.exec_driver_sql("ALTER TABLE public.patients ENABLE ROW LEVEL SECURITY")
                connection.exec_driver_sql("ALTER TABLE public.patients FORCE ROW LEVEL SECURITY")
            done = behave("-D", f"postgres={on}", "-D", f"snapshot={small.driver_dsn()}", "--format=null")
            assert "patients hides rows from its owner (FORCE). Leave -D postgres out, or name a" in done.stdout
        finally:
            admin.exec_driver_sql(f"DROP OWNED BY {name}; DROP ROLE {name}")
