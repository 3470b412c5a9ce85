"""Postgres keeps whoever works as the clinic's role to one clinic."""

from migrations import settings, sql_file

revision = "isolation_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Take it in."""
    settings.hand_to_script()
    sql_file.run("02_tenant_isolation.sql")


def downgrade() -> None:
    """Take it back."""
    settings.hand_to_script()
    sql_file.run("02_tenant_isolation_down.sql")
