"""Which server a run gets, and why."""

from sqlalchemy import URL

from steps.support.errors import NoServerError
from steps.support.postgres import docker, embedded
from steps.support.postgres.server import Server, attach


def choose(postgres: str | URL, image: str, *, large: bool = False) -> tuple[Server, str]:
    """Start or reach the server `-D postgres` asks for; returns it with the reason, in words.

    `image` is for a container, '' where none was asked for; `large` whether its data may be too much for memory. Raises
    NoServerError when there is no server to be had.
    """
    if isinstance(postgres, URL):
        return attach(postgres), "-D postgres names it"
    if postgres == "embedded":
        return embedded.start(large=large), "-D postgres=embedded"
    asked = "-D postgres=docker" if postgres == "docker" else f"-D image={image}" if image else ""
    try:
        return docker.start(image or docker.DEFAULT_IMAGE, large=large), asked or "auto: Docker answers"
    except NoServerError as error:
        if asked:
            raise NoServerError(
                f"No Postgres to run on: {error}, and {asked} asks for it. "
                "Start Docker, name an image that it can pull (-D image=…), or use -D postgres=embedded."
            ) from error
        # Without being asked for, a container that cannot be had is no reason to run nothing.
        return embedded.start(large=large), f"auto: {error}"
