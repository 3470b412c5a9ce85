"""A database in which Postgres keeps each clinic's sessions to its clinic."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text
from sqlalchemy.orm import Session

from steps.support import expect
from steps.support.postgres import psql
from steps.support.postgres.database import Database
from steps.support.spec.behaviour import IS_SUPERUSER, OWNER
from steps.support.spec.migration import script
from steps.support.spec.world import World
from steps.support.tenant_isolation import ISOLATION, ROLE
from steps.support.vocabulary import Words

# Who worked there before: roles every server has, which may do only what they are granted.
IN_USE = Words("el <who> cuenta los pacientes de todas las clínicas", {
    "servicio de siempre": "pg_read_all_stats",
    "dueño de las tablas": OWNER,
})  # fmt: skip
# Nothing but what the script makes keeps the clinics apart: rows are open to all but the owner, who needs no policy.
OPEN = f"CREATE POLICY open ON patients USING (current_user <> '{OWNER}') WITH CHECK (current_user <> '{OWNER}')"
USED = f"""
GRANT SELECT, INSERT, UPDATE, DELETE ON patients, tenants TO pg_read_all_stats;
GRANT USAGE ON SEQUENCE patients_id_seq TO pg_read_all_stats;
ALTER TABLE patients OWNER TO {OWNER};
ALTER TABLE tenants OWNER TO {OWNER};
"""
NEW_TABLE = 'CREATE TABLE "{}" (id serial PRIMARY KEY, tenant_id integer NOT NULL REFERENCES tenants)'
MAY_TAKE = f"GRANT {ROLE} TO CURRENT_USER"
MAY_NOT = f"REVOKE {ROLE} FROM CURRENT_USER"


def separate(world: World, database: Database) -> None:
    """Run the script on a database whose tables somebody owns and a service uses."""
    with database.connect() as connection:
        connection.exec_driver_sql(OPEN)
        if connection.scalar(IS_SUPERUSER):
            connection.exec_driver_sql(USED)
    script.expect_success(world, psql.run_file(database, world.suite.script_of(ISOLATION)), ISOLATION)


@contextmanager
def role_may_be_taken(database: Database) -> Iterator[None]:
    """The suite's login may take the clinics' role meanwhile, and no longer: the way back is refused while one may.

    A superuser may take any; whoever made the role, from 16 on, only when told so.
    """
    with database.connect() as connection:
        told = not connection.scalar(IS_SUPERUSER)
        if told:
            connection.exec_driver_sql(MAY_TAKE)
    yield
    if told:
        with database.connect() as connection:
            connection.exec_driver_sql(MAY_NOT)


@contextmanager
def session_of(world: World, who: str) -> Iterator[Session]:
    """A plain session of somebody in use; where the suite's login is no superuser, it is the owner itself."""
    with Session(world.database.engine()) as session:
        if session.scalar(IS_SUPERUSER):
            session.execute(text(f"SET LOCAL ROLE {IN_USE[who]}"))
        yield session


def add_table(world: World, name: str) -> None:
    """A new table with tenant_id, which nobody has separated."""
    with world.database.connect() as connection:
        connection.exec_driver_sql(NEW_TABLE.format(name))


def check(world: World) -> None:
    """Ask the script what is not kept to its clinic; it changes nothing."""
    script_of = world.suite.script_of(ISOLATION)
    world.outcomes.append(psql.run_file(world.database, script_of, {"migration.check": "yes"}))


def expect_named(world: World, table: str) -> None:
    """Fail unless the check failed and named the table."""
    expect.equal("La revisión no terminó como debía.", "55000", world.outcome.sqlstate)
    expect.true(f"La revisión no nombra la tabla {table}.", table in world.outcome.message, world.outcome.error())


def expect_nothing(world: World) -> None:
    """Fail when the check found something."""
    expect.true("La revisión encontró algo.", world.outcome.succeeded, world.outcome.error())
