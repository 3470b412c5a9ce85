"""The Docker engine: whether one answers, and why not."""

import os
import socket
import sys
from contextlib import closing

PING_SECONDS = 5


def problem() -> str:
    """Why no engine answers us, as the end of a sentence; empty when one does."""
    address = os.environ.get("DOCKER_HOST") or "unix:///var/run/docker.sock"
    if address.startswith("unix://") and (reason := _socket_problem(address.removeprefix("unix://"))):
        return reason
    # Imported late: a tenth of a second that a run without Docker need not wait.
    import docker  # noqa: PLC0415
    from docker.errors import DockerException  # noqa: PLC0415

    try:
        with closing(docker.from_env(timeout=PING_SECONDS)) as client:
            return "" if client.ping() else "Docker does not answer"
    except (DockerException, OSError) as error:
        return f"Docker does not answer at {address} ({first_line(error)})"


def first_line(error: Exception) -> str:
    """The engine's own words, where the error has them: its text names an address that cannot be opened."""
    said = str(getattr(error, "explanation", None) or error)
    return next(iter(said.strip().splitlines()), type(error).__name__)


def _socket_problem(path: str) -> str:
    """Looked at before docker-py does: refused, that leaves its socket open, and says neither why nor what to do."""
    with closing(socket.socket(socket.AF_UNIX)) as knocking:
        knocking.settimeout(PING_SECONDS)
        try:
            knocking.connect(path)
        except PermissionError:
            return (
                f"Docker is there, but this user has no right to its socket {path} "
                "(on Linux: sudo usermod -aG docker $USER, and log in again)"
            )
        except OSError as error:
            return f"Docker does not answer at {path} ({(error.strerror or str(error)).lower()})"
    return ""


if __name__ == "__main__":
    # For make: exit 0 when there is an engine to run on, else say why there is none.
    why = problem()
    print(why, end="")
    sys.exit(bool(why))
