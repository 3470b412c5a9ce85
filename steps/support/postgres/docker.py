"""A Postgres in a container, by testcontainers; and whether an engine answers.

Both libraries are imported late: a sixth of a second that a run without Docker need not wait.
"""

import atexit
import os
import secrets
import socket
import sys
from contextlib import closing, suppress
from typing import Any

from sqlalchemy import make_url

from steps.support import output
from steps.support.errors import NoServerError
from steps.support.interrupts import held
from steps.support.postgres.server import RESTORING, THROWAWAY_SETTINGS, Server, first_line, version_of

PING_SECONDS = 30
PLACE = "/throwaway"  # of its data: images declare a volume where they keep data, and elsewhere a tmpfs is not hidden
DEFAULT_IMAGE = "postgres:18"


def problem() -> str:
    """Why no engine answers us; empty when one does."""
    address = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    try:
        if address.startswith("unix://"):
            address = address.removeprefix("unix://")
            # docker-py, refused, leaves its socket open, and does not say why.
            with closing(socket.socket(socket.AF_UNIX)) as knocking:
                knocking.connect(address)
        import docker

        with closing(docker.from_env(timeout=PING_SECONDS)) as client:
            client.ping()
    except Exception as error:  # docker raises what it likes
        why = getattr(error, "strerror", None) or first_line(error)
        return f"Docker does not answer at {address} ({why[:1].lower()}{why[1:]})"
    return ""


def start(image: str, *, large: bool = False) -> Server:
    """Start a container of `image`, its data in memory unless they may be `large`; raises NoServerError.

    It ends with this process, unless `atexit` unregisters its `stop`.
    """
    if why := problem():
        raise NoServerError(why)
    import docker

    name = f"acceptance-{secrets.token_hex(4)}"

    def stop() -> None:
        client: Any
        with closing(docker.from_env()) as client, suppress(docker.errors.NotFound):
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
        raise NoServerError(f"a container of {image} does not start ({first_line(error)})") from error
    removal = f"docker rm --force --volumes {name}"
    psql = "'PGPASSWORD=$POSTGRES_PASSWORD psql --host=127.0.0.1 --username=postgres {}'"
    opening = f"docker exec --interactive --tty {name} sh -c {psql}"
    return Server(url, version, f"container of {image}", stop=stop, removal=removal, opening=opening)


def _pull(image: str) -> None:
    """Pull the image unless the engine has it; raises docker's own errors when it cannot be had."""
    import docker
    from docker.utils import parse_repository_tag

    with closing(docker.from_env()) as client:
        try:
            client.images.get(image)
        except docker.errors.ImageNotFound:
            output.say(f"Pulling {image} …")
            name, tag = parse_repository_tag(image)
            client.images.pull(name, tag=tag or "latest")


def _start(image: str, name: str, large: bool) -> Any:
    from testcontainers.community.postgres import PostgresContainer
    from testcontainers.core.config import testcontainers_config

    # The reaper is one more image to pull and wants the engine's socket; and one that -D keep holds must outlive it.
    testcontainers_config.ryuk_disabled = True
    testcontainers_config._docker_auth_config = None  # the image is there: a malformed one would end the run
    settings = {**THROWAWAY_SETTINGS, **(RESTORING if large else {})}
    command = ["postgres", *(f"--{name}={value}" for name, value in settings.items())]
    container = PostgresContainer(image, username="postgres", password=secrets.token_urlsafe(16), dbname="postgres")
    container.with_name(name).with_env("PGDATA", f"{PLACE}/data").with_command(command)
    if not large:
        container.with_tmpfs_mount(PLACE)
    container.start()
    return make_url(container.get_connection_url())


if __name__ == "__main__":
    # For make: exit 0 when there is an engine to run on, else say why there is none.
    why = problem()
    print(why, end="")
    sys.exit(bool(why))
