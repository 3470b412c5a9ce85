"""A Postgres in a container, by testcontainers."""

import atexit
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
from steps.support.postgres.engine import first_line
from steps.support.postgres.server import RESTORING, THROWAWAY_SETTINGS, Server, version_of

PLACE = "/throwaway"  # of its data: images declare a volume where they keep data, and elsewhere a tmpfs is not hidden
USUAL = "postgres:18"


def start(image: str, *, large: bool = False) -> Server:
    """Start a container of `image`, its data in memory unless they may be `large`; raises NoServerError.

    It ends with this process, unless `atexit` unregisters its `stop`.
    """
    # The reaper is one more image to pull and wants the engine's socket; and one that -D keep holds must outlive it.
    testcontainers_config.ryuk_disabled = True
    testcontainers_config._docker_auth_config = None  # the image is pulled by us: a malformed one would end the run
    name = f"acceptance-{secrets.token_hex(4)}"

    def stop() -> None:
        client: Any
        with closing(docker.from_env()) as client, suppress(NotFound):
            client.containers.get(name).remove(force=True, v=True)

    try:
        _pull(image)
        with held():
            atexit.register(stop)
            url = _start(image, name, large)
        version = version_of(url)
    except Exception as error:  # testcontainers and docker raise what they like
        with suppress(Exception):
            stop()
        raise NoServerError(
            f"a container of {image} does not start ({first_line(error)}). "
            "Name an image that can be pulled with -D image=…, or use -D postgres=embedded."
        ) from error
    removal = f"docker rm --force --volumes {name}"
    return Server(url=url, version=version, label=f"container of {image}", stop=stop, removal=removal)


def _start(image: str, name: str, large: bool) -> Any:
    settings = {**THROWAWAY_SETTINGS, **(RESTORING if large else {})}
    container = (
        PostgresContainer(image, username="postgres", password=secrets.token_urlsafe(16), dbname="postgres")
        .with_name(name)
        .with_env("PGDATA", f"{PLACE}/data")
        .with_command(["postgres", *(f"--{name}={value}" for name, value in settings.items())])
    )
    if not large:
        container.with_tmpfs_mount(PLACE)
    container.start()
    return make_url(container.get_connection_url())


def _pull(image: str) -> None:
    """Pull the image unless the engine has it; raises docker's own errors when it cannot be had."""
    with closing(docker.from_env()) as client:
        try:
            client.images.get(image)
        except ImageNotFound:
            output.say(f"Pulling {image} …")
            name, tag = parse_repository_tag(image)
            client.images.pull(name, tag=tag or "latest")
