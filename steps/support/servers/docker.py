"""A Postgres in a container, by testcontainers."""

import secrets
import sys
from contextlib import suppress
from typing import Any

import docker
from docker.errors import DockerException, NotFound
from sqlalchemy import make_url
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.config import testcontainers_config

from steps.support.problems import NoServerError
from steps.support.progress import progress
from steps.support.servers import images
from steps.support.servers.server import THROWAWAY_SETTINGS, Server, version_of

PING_SECONDS = 5


def answers() -> bool:
    """Whether a Docker engine answers; testcontainers' own error without one tells nothing."""
    with suppress(DockerException, OSError):
        client = docker.from_env(timeout=PING_SECONDS)
        try:
            return bool(client.ping())
        finally:
            client.close()
    return False


def start(image: str) -> Server:
    """Start a container of `image` with its data in memory.

    Raises NoServerError when the image cannot be had or the server does not come up.
    """
    # The reaper is one more image to pull and wants the engine's socket; the run removes its own container,
    # and one that -D keep holds must outlive it.
    testcontainers_config.ryuk_disabled = True
    name = f"meta-ads-{secrets.token_hex(4)}"
    settings = [part for item in THROWAWAY_SETTINGS.items() for part in ("-c", "=".join(item))]
    container = (
        PostgresContainer(image, username="postgres", password=secrets.token_urlsafe(16), dbname="postgres")
        .with_name(name)
        # Images declare a volume where they keep data; elsewhere a memory file system is not hidden by it.
        .with_env("PGDATA", "/throwaway/data")
        .with_tmpfs_mount("/throwaway")
        .with_command(["postgres", *settings])
    )
    try:
        images.pull(image)
        with progress(f"Starting a container of {image}"):
            container.start()
        url = make_url(container.get_connection_url())
        version = version_of(url)
    except BaseException as error:
        _remove(name)
        if isinstance(error, Exception):
            raise NoServerError(
                f"No Postgres to run on: a container of {image} does not start ({_first_line(error)}). "
                "Name an image that can be pulled with -D image=…, or use -D postgres=embedded."
            ) from error
        raise
    return Server(
        url=url,
        version=version,
        label=f"container of {image}",
        stop=lambda: _remove(name),
        removal=f"docker rm --force --volumes {name}",
        log=lambda: b"\n".join(container.get_logs()).decode(errors="replace"),
    )


def _remove(name: str) -> None:
    """Remove the container by name: an interrupted start has no other handle on it."""
    client: Any = docker.from_env()
    try:
        with suppress(NotFound):
            client.containers.get(name).remove(force=True, v=True)
    finally:
        client.close()


def _first_line(error: Exception) -> str:
    # The engine's own words, where the exception has them: its text names an address nobody can open.
    said = str(getattr(error, "explanation", None) or error)
    return next(iter(said.strip().splitlines()), type(error).__name__)


if __name__ == "__main__":
    # For make: is there an engine to run on?
    sys.exit(0 if answers() else 1)
