"""Run the project's commands as a person does: in a process of their own, from the root."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory

from steps.support.options import ROOT
from steps.support.postgres.server import Server, connect

BIN = Path(sys.executable).parent
HEAD = ScriptDirectory.from_config(Config(toml_file=ROOT / "pyproject.toml")).get_current_head()  # Alembic's
HANG_SECONDS = 900  # a whole suite, on a slow disk and beside other work
# A shell that starts these tests in the background ignores SIGINT in all it starts.
UNIGNORING = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"


def behave(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return _run("behave", *arguments, **environ)


def alembic(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return _run("alembic", *arguments, **environ)


def address(server: Server) -> str:
    """The server as -D postgres takes it."""
    return server.url.set(drivername="postgresql").render_as_string(hide_password=False)


def databases(server: Server) -> list[str]:
    with connect(server.url) as connection:
        return sorted(connection.exec_driver_sql("SELECT datname FROM pg_database WHERE NOT datistemplate").scalars())


@contextmanager
def started(log: Path, *arguments: str, runtime: Path, **environ: str) -> Iterator[subprocess.Popen[bytes]]:
    """A run of behave under way, its temporary files in `runtime`, what it says in `log`."""
    with log.open("wb") as output:
        run = subprocess.Popen(
            [sys.executable, "-c", UNIGNORING, BIN / "behave", *arguments, "--no-color"],
            cwd=ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "TMPDIR": str(runtime), "PYTHONUNBUFFERED": "1", **environ},
        )
    try:
        yield run
    finally:
        run.terminate()
        run.wait(HANG_SECONDS)


def servers_in(folder: Path) -> list[str]:
    """The embedded servers alive whose data is in `folder`."""
    listed = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return re.findall(rf"postgres -D ({re.escape(str(folder))}\S+)", listed)


def _run(command: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / command, *arguments],
        cwd=ROOT,
        env={**{k: v for k, v in os.environ.items() if k not in ("POSTGRES_DSN", "DATABASE_URL")}, **environ},
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
