"""What `alembic -x name=value` may set, and how a script reads it."""

from alembic import context, op
from alembic.util import CommandError
from sqlalchemy import text

ARGUMENTS = {
    "deadline": "total time the migration may wait for the table, such as 2min",
    "max_stall": "longest time it may hold up a writer, such as 200ms",
    "tenant_role": "the clinic's role, where it is not orchestrator_tenant",
    "tenant_tables": "the tables to isolate, such as patients,invoices, instead of every one with tenant_id",
    "drop_…": "yes: let a downgrade lose what its refusal names, such as drop_attribution",
}


def checked_arguments() -> dict[str, str]:
    """The -x arguments given; raises CommandError with the list of right ones when one is unknown."""
    given = context.get_x_argument(as_dictionary=True)
    # A permission nobody asks for permits nothing: each migration names its own.
    unknown = sorted(name for name in set(given) - set(ARGUMENTS) if not name.startswith("drop_"))
    if unknown:
        known = "; ".join(f"-x {name}=… ({meaning})" for name, meaning in ARGUMENTS.items())
        raise CommandError(f"Unknown -x {', '.join(unknown)}. There are: {known}.")
    return {name: str(value) for name, value in given.items()}


def hand_to_script() -> None:
    """Set each argument as the transaction's `migration.<name>`, where the SQL scripts read it."""
    for name, value in checked_arguments().items():
        statement = text("SELECT set_config(:name, :value, true)")
        op.execute(statement.bindparams(name=f"migration.{name}", value=value))
