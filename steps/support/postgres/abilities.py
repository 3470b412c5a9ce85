"""What some scenarios need of a server, or of who works there, and is not everywhere: by the tag that says so."""

from collections.abc import Collection, Mapping

from steps.support.postgres.server import Server, connect

ROLES = "roles"  # needed by whatever is about a migration that has roles
# Each asks one question of the server, true where it has it, and says for a reader what is missing where it has not.
ABILITIES: Mapping[str, tuple[str, str]] = {
    "prepared-transactions": (
        "SELECT current_setting('max_prepared_transactions')::int > 0",
        "Este servidor no admite transacciones preparadas (max_prepared_transactions = 0)",
    ),
    "citus": (
        "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'citus')",
        "Este servidor no tiene Citus (-D image=citusdata/citus:13.0 trae uno)",
    ),
    ROLES: (
        "SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user",
        "El usuario de -D postgres no puede crear roles (le falta CREATEROLE)",
    ),
}


def lacking(server: Server, needs: Collection[str]) -> dict[str, str]:
    """Which of the abilities named among `needs` the server lacks, each with what to tell a reader."""
    asked = {tag: ABILITIES[tag] for tag in ABILITIES if tag in needs}
    if not asked:
        return {}
    with connect(server.url) as connection:
        return {tag: reason for tag, (query, reason) in asked.items() if not connection.exec_driver_sql(query).scalar()}
