"""Docker images: pulled before a container needs them, so that the wait can be shown."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import docker
from docker.errors import ImageNotFound
from docker.utils import parse_repository_tag

from steps.support.harness.progress import Advance, progress

# What a layer is taken for before its turn comes: rather too much, for then the share leaps ahead and does not stall.
UNKNOWN_SIZE = 30_000_000


def pull(image: str) -> None:
    """Pull the image unless the engine has it; raises docker's own errors when it cannot be had."""
    client: Any = docker.from_env()
    try:
        client.images.get(image)
    except ImageNotFound:
        name, tag = parse_repository_tag(image)
        with progress(f"Pulling {image}") as advance:
            follow(client.api.pull(name, tag=tag or "latest", stream=True, decode=True), advance)
    finally:
        client.close()


def follow(events: Iterable[Mapping[str, Any]], advance: Advance) -> None:
    """Report what a pull streams; raises ImageNotFound on an error among it."""
    layers: dict[str, Layer] = {}
    shown = 0.0
    for event in events:
        if "error" in event:
            raise ImageNotFound(str(event["error"]))
        name, status = str(event.get("id", "")), event.get("status", "")
        if status == "Pulling fs layer":
            layers[name] = Layer()
        elif name in layers:
            layers[name].hear(status, event.get("progressDetail") or {})
        if layers:
            # A retry begins its layer anew, and a layer's size is known only when its turn comes.
            shown = max(shown, _share(layers.values()))
            advance(to=shown, total=1.0)


@dataclass
class Layer:
    """One layer under way: its size in bytes once known, and how many are here, and unpacked."""

    size: int = 0
    here: int = 0
    unpacked: int = 0
    known: bool = False

    def hear(self, status: str, detail: Mapping[str, Any]) -> None:
        """What the engine says of it; statuses of no consequence are passed over."""
        match status:
            case "Downloading" if detail.get("total"):
                self.here, self.size, self.known = detail["current"], detail["total"], True
            case "Download complete":
                self.here, self.known = self.size, True
            case "Extracting":  # some engines count seconds here
                self.unpacked = min(detail.get("current") or 0, self.size)
            case "Pull complete":
                self.here = self.unpacked = self.size
                self.known = True


def _share(layers: Collection[Layer]) -> float:
    """How much is done, from 0 to 1, counting bytes that came and bytes that were unpacked."""
    size = sum(layer.size if layer.known else UNKNOWN_SIZE for layer in layers)
    return sum(layer.here + layer.unpacked for layer in layers) / (2 * size) if size else 1.0
