"""A real PgBouncer before a server, in transaction-pooling mode."""

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL

from steps.support.waiting import wait_until

BINARY = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

WITHOUT = os.environ.get("PGBOUNCER") == "none"  # CI tests on a machine without it as well


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def pgbouncer(server: URL, home: Path, pool: int) -> Iterator[URL]:
    """Start one before the server of `server`, with `pool` server connections; yields the URL to use instead.

    `home` is the fixture `runtime`: the account it runs as may enter no folder of pytest's own.
    """
    if WITHOUT or (not BINARY and "CI" not in os.environ):
        pytest.skip("pgbouncer is not installed here (CI has it): apt-get install pgbouncer")
    assert BINARY, "CI must have pgbouncer"
    port = _free_port()
    host = server.query.get("host", server.host)
    (home / "users.txt").write_text(f'"{server.username}" "{server.password or ""}"\n')
    (home / "ini").write_text(
        f"[databases]\n* = host={host} port={server.port or 5432}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = trust\n"
        f"auth_file = {home}/users.txt\npool_mode = transaction\ndefault_pool_size = {pool}\nmax_client_conn = 100\n"
    )
    # It refuses to run as root, and the embedded server's socket is its own user's alone.
    user = None
    if os.geteuid() == 0:
        user = Path(str(host)).owner() if str(host).startswith("/") else "nobody"
        for path in (home, *home.iterdir()):
            shutil.chown(path, user)
    process = subprocess.Popen(
        [BINARY, "--quiet", str(home / "ini")], user=user, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: _answers(port), "pgbouncer", 10)
        yield URL.create("postgresql+psycopg2", server.username, server.password, "127.0.0.1", port, server.database)
    finally:
        process.terminate()
        process.wait(10)
