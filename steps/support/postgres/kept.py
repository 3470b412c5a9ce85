"""What a run leaves behind: databases that were to be kept, and those of a server that no longer answers."""

from collections.abc import Collection, Mapping, Sequence

from steps.support.postgres.database import Database, password_file
from steps.support.postgres.server import Server


def lines(kept: Mapping[Database, str], left: Sequence[Database], server: Server) -> list[str]:
    """How to open and how to remove what is kept for the titles of scenarios, and what is left, a line each."""
    first = [f"Left behind, as the server no longer answers. When it does: {'; '.join(_drops(left))}"] if left else []
    if not kept:
        return first
    admin = Database(server.url)
    removal = server.removal or " ".join([admin.opening_command(), *(f"-c '{drop}'" for drop in _drops(kept))])
    of = [*kept, *([] if server.removal else [admin])]
    passwords = {str(database.url.password) for database in of if database.url.password}
    removal += "".join(f"; rm {password_file(password)}" for password in sorted(passwords))
    opening = [f"Kept for {title!r}: {database.opening_command()}" for database, title in kept.items()]
    return [*first, *opening, f"Remove with: {removal}"]


def _drops(databases: Collection[Database]) -> list[str]:
    """What drops them, and the role that those of real data belong to."""
    guests = sorted({str(database.url.username) for database in databases if database.real})
    return [f"DROP DATABASE {database.name}" for database in databases] + [f"DROP ROLE {guest}" for guest in guests]
