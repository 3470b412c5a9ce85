"""Which server a run gets, and why."""

from sqlalchemy import URL

from steps.support.errors import NoServerError, SnapshotError
from steps.support.postgres import embedded, engine, running
from steps.support.postgres.server import Begun, Server, ignored


def choose(postgres: str | URL, image: str, room: int = 0, begun: Begun = ignored) -> tuple[Server, str]:
    """Start or reach the server `-D postgres` asks for; returns it with the reason, in words.

    `image` is for a container, '' where none was asked for, `room` the disk space it is to have, in bytes. `begun`
    hears of a server of ours the moment there is one, so that whoever is interrupted right then can end it. Raises
    NoServerError when there is none to be had.
    """
    match postgres:
        case "embedded":
            return embedded.start(room, begun), "-D postgres=embedded"
        case "docker":
            return _container(image, room, begun, "-D postgres=docker asks for it"), "-D postgres=docker"
        case "auto" if image:
            # An image that was asked for and cannot be had is no reason to judge on another Postgres.
            reason = f"-D image={image} asks for it"
            return _container(image, room, begun, reason), f"-D image={image}"
        case "auto":
            return _automatic(room, begun)
        case url:
            assert not isinstance(url, str), url
            return running.attach(url), "-D postgres names it"


def _container(image: str, room: int, begun: Begun, wanted: str) -> Server:
    if problem := engine.problem():
        raise NoServerError(
            f"No Postgres to run on: {problem}, and {wanted}. Start Docker, or use -D postgres=embedded."
        )
    return _start(image, room, begun)


def _automatic(room: int, begun: Begun) -> tuple[Server, str]:
    if problem := engine.problem():
        return embedded.start(room, begun), f"auto: {problem}"
    try:
        return _start("", room, begun), "auto: Docker answers"
    except (NoServerError, SnapshotError) as problem:
        # An engine that can pull nothing, or has no room, is no reason to run nothing; the run's first line tells.
        return embedded.start(room, begun), f"auto: Docker answers, but {problem}"


def _start(image: str, room: int, begun: Begun) -> Server:
    # Imported late: two libraries, a sixth of a second, that a run without Docker need not wait.
    from steps.support.postgres import docker  # noqa: PLC0415

    return docker.start(image or docker.USUAL, room, begun)
