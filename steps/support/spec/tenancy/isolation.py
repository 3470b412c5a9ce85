"""A database in which Postgres keeps each clinic's sessions to its clinic."""

from steps.support.harness import expect
from steps.support.harness.databases import psql
from steps.support.harness.databases.database import Database
from steps.support.harness.options import ROOT
from steps.support.spec.world import World

SCRIPT = ROOT / "migrations" / "02_tenant_isolation.sql"
NEW_TABLE = 'CREATE TABLE "{}" (id serial PRIMARY KEY, tenant_id integer NOT NULL REFERENCES tenants)'
# Whoever made the role may take it from 16 on only when told so, and without inheriting it: they own the tables.
MAY_TAKE = "GRANT {} TO CURRENT_USER"


def separate(world: World, database: Database) -> None:
    """Run the script on the database, with the run's role of the clinics."""
    role = role_of(world)
    outcome = psql.run_file(database, SCRIPT, {"migration.tenant_role": role})
    expect.true("La base de datos no pudo separar las clínicas.", outcome.succeeded, outcome.error())
    with database.connect() as connection:
        connection.exec_driver_sql(MAY_TAKE.format(role))


def role_of(world: World) -> str:
    """The clinics' role in this run: roles are a server's, not a database's own."""
    return world.suite.copies.role("clinic")


def add_table(world: World, name: str) -> None:
    """A new table with tenant_id, which nobody has separated."""
    with world.database.connect() as connection:
        connection.exec_driver_sql(NEW_TABLE.format(name))


def check(world: World) -> None:
    """Ask the script what is not kept to its clinic; it changes nothing."""
    settings = {"migration.tenant_role": role_of(world), "migration.check": "yes"}
    world.outcomes.append(psql.run_file(world.database, SCRIPT, settings))


def expect_named(world: World, table: str) -> None:
    """Fail unless the check failed and named the table."""
    expect.equal("La revisión no terminó como debía.", "55000", world.outcome.sqlstate)
    expect.true(f"La revisión no nombra la tabla {table}.", table in world.outcome.message, world.outcome.error())


def expect_nothing(world: World) -> None:
    """Fail when the check found something."""
    expect.true("La revisión encontró algo.", world.outcome.succeeded, world.outcome.error())
