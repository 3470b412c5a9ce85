"""What a run leaves behind: databases that were to be kept, and those of a server that no longer answers."""

from collections.abc import Mapping, Sequence

from steps.support.harness.databases.database import Database, password_file
from steps.support.harness.servers.server import Server


def lines(kept: Mapping[Database, str], left: Sequence[Database], server: Server) -> list[str]:
    """How to open and how to remove what is kept for the titles of scenarios, and what is left, a line each."""
    drops = "; ".join(f"DROP DATABASE {database.name}" for database in left)
    first = [f"Left behind, as the server no longer answers. When it does: {drops}"] if left else []
    if not kept:
        return first
    commands = (
        f"{database.opening_command(server.url.database)} -c 'DROP DATABASE {database.name}'" for database in kept
    )
    removal = server.removal or "; ".join(commands)
    passwords = {str(database.url.password) for database in kept if database.url.password}
    removal += "".join(f"; rm {password_file(password)}" for password in sorted(passwords))
    opening = [f"Kept for {title!r}: {database.opening_command()}" for database, title in kept.items()]
    return [*first, *opening, f"Remove with: {removal}"]
