"""A Postgres in a container, by testcontainers."""

import secrets
from contextlib import closing, suppress
from typing import Any

import docker
from docker.errors import ImageNotFound, NotFound
from docker.utils import parse_repository_tag
from sqlalchemy import make_url
from testcontainers.community.postgres import PostgresContainer
from testcontainers.core.config import testcontainers_config

from steps.support import output
from steps.support.errors import NoServerError
from steps.support.interrupts import held
from steps.support.postgres.disk import expect_on_disk, fits_in_memory
from steps.support.postgres.server import THROWAWAY_SETTINGS, Begun, Server, ignored, version_of

PLACE = "/throwaway"  # of its data
USUAL = "postgres:18"


def start(image: str, room: int = 0, begun: Begun = ignored) -> Server:
    """Start a container of `image` with `room` bytes to spare, its data in memory where the engine has them there.

    Raises NoServerError when the image cannot be had or the server does not come up, SnapshotError when there is
    no such room: what the engine has is asked of a container, as the engine may be on another machine. `begun` hears
    of the container as soon as it can be used.
    """
    server, free = _start(image, begun, in_memory=True)
    if not room or free is None or fits_in_memory(free, room):
        return server
    server.stop()
    server, free = _start(image, begun, in_memory=False)
    try:
        if free is not None:
            expect_on_disk(free, room, "the Docker engine", "Make room there, or use -D postgres=embedded.")
    except BaseException:
        server.stop()
        raise
    return server


def _start(image: str, begun: Begun, *, in_memory: bool) -> tuple[Server, int | None]:
    """A running container, and how many bytes are free for its data, None when it cannot tell."""
    # The reaper is one more image to pull and wants the engine's socket; the run removes its own container,
    # and one that -D keep holds must outlive it.
    testcontainers_config.ryuk_disabled = True
    name = f"acceptance-{secrets.token_hex(4)}"
    settings = [part for item in THROWAWAY_SETTINGS.items() for part in ("-c", "=".join(item))]
    container = (
        PostgresContainer(image, username="postgres", password=secrets.token_urlsafe(16), dbname="postgres")
        .with_name(name)
        # Images declare a volume where they keep data; elsewhere a memory file system is not hidden by it.
        .with_env("PGDATA", f"{PLACE}/data")
        .with_command(["postgres", *settings])
    )
    if in_memory:
        container.with_tmpfs_mount(PLACE)
    try:
        _pull(image)
        with held():
            container.start()
        url = make_url(container.get_connection_url())
        server = Server(
            url=url,
            version=version_of(url),
            label=f"container of {image}",
            stop=lambda: _remove(name),
            removal=f"docker rm --force --volumes {name}",
        )
        begun(server)
        free = _free(container, in_memory=in_memory)
    except BaseException as error:
        with held():
            _remove(name)
        if isinstance(error, Exception):
            raise NoServerError(
                f"No Postgres to run on: a container of {image} does not start ({_first_line(error)}). "
                "Name an image that can be pulled with -D image=…, or use -D postgres=embedded."
            ) from error
        raise
    return server, free


def _free(container: PostgresContainer, *, in_memory: bool) -> int | None:
    # A memory file system may have half of the machine's memory, whatever is left of it.
    files = [f"df -Pk {PLACE} | tail -1 | tr -s ' ' | cut -d ' ' -f 4"]
    files += ["sed -n 's/MemAvailable: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo"] * in_memory
    done = container.exec(["sh", "-c", "; ".join(files)])
    found = done.output.decode(errors="replace").split()
    if done.exit_code or len(found) < len(files) or not all(one.isdecimal() for one in found):
        return None
    return min(map(int, found)) * 1024


def _pull(image: str) -> None:
    """Pull the image unless the engine has it; raises docker's own errors when it cannot be had."""
    with closing(docker.from_env()) as client:
        try:
            client.images.get(image)
        except ImageNotFound:
            name, tag = parse_repository_tag(image)
            output.say(f"Pulling {image} …")
            client.images.pull(name, tag=tag or "latest")


def _remove(name: str) -> None:
    client: Any
    with closing(docker.from_env()) as client, suppress(NotFound):
        client.containers.get(name).remove(force=True, v=True)


def _first_line(error: Exception) -> str:
    # The engine's own words, where the exception has them: its text names an address nobody can open.
    said = str(getattr(error, "explanation", None) or error)
    return next(iter(said.strip().splitlines()), type(error).__name__)
