"""Postgres keeps the clinic's role to one clinic."""

from collections.abc import Callable

revision = "isolation_0001"
down_revision = None


def upgrade(run: Callable[[str], None]) -> None:
    run("02_tenant_isolation.sql")


def downgrade(run: Callable[[str], None]) -> None:
    run("02_tenant_isolation_down.sql")
