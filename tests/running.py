"""Run the project's commands as a person does: in a process of their own, from the root."""

import os
import subprocess
import sys
from pathlib import Path

from steps.support.harness.options import ROOT
from steps.support.harness.servers.server import Server

BIN = Path(sys.executable).parent


def behave(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return _run("behave", *arguments, **environ)


def alembic(*arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return _run("alembic", *arguments, **environ)


def address(server: Server) -> str:
    """The server as -D postgres takes it."""
    return server.url.set(drivername="postgresql").render_as_string(hide_password=False)


def _run(command: str, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [BIN / command, *arguments],
        cwd=ROOT,
        env={**{k: v for k, v in os.environ.items() if k not in ("POSTGRES_DSN", "DATABASE_URL")}, **environ},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
