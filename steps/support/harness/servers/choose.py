"""Which server a run gets, and why."""

from sqlalchemy import URL

from steps.support.harness.errors import NoServerError, SnapshotError
from steps.support.harness.servers import docker, embedded, running
from steps.support.harness.servers.server import Server


def choose(postgres: str | URL, image: str, room: int = 0) -> tuple[Server, str]:
    """Start or reach the server `-D postgres` asks for; returns it with the reason, in words.

    `image` is for a container, `room` the disk space it is to have, in bytes. Raises NoServerError when there is none
    to be had.
    """
    match postgres:
        case "embedded":
            return embedded.start(room), "-D postgres=embedded"
        case "docker":
            if not docker.answers():
                raise NoServerError(
                    "No Postgres to run on: Docker does not answer and -D postgres=docker asks for it. "
                    "Start Docker, or use -D postgres=embedded."
                )
            return docker.start(image, room), "-D postgres=docker"
        case "auto":
            return _automatic(image, room)
        case url:
            assert not isinstance(url, str), url
            return running.attach(url), "-D postgres names it"


def _automatic(image: str, room: int) -> tuple[Server, str]:
    if not docker.answers():
        return embedded.start(room), "auto: Docker does not answer"
    try:
        return docker.start(image, room), "auto: Docker answers"
    except (NoServerError, SnapshotError) as problem:
        # An engine that can pull nothing, or has no room, is no reason to run nothing; the run's first line tells.
        return embedded.start(room), f"auto: Docker answers, but {problem}"
