"""Docker images: pulled before a container needs them, so that the wait can be shown."""

from collections.abc import Iterable, Mapping
from typing import Any

import docker
from docker.errors import ImageNotFound
from docker.utils import parse_repository_tag

from steps.support.progress import Advance, progress


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
    """Report what a pull streams, in bytes over all layers; raises ImageNotFound on an error among it."""
    layers: dict[str, tuple[int, int]] = {}
    for event in events:
        if "error" in event:
            raise ImageNotFound(str(event["error"]))
        detail = event.get("progressDetail") or {}
        if event.get("status") == "Downloading" and detail.get("total"):
            layers[event["id"]] = (detail["current"], detail["total"])
        elif event.get("status") in ("Download complete", "Pull complete") and event.get("id") in layers:
            size = layers[event["id"]][1]
            layers[event["id"]] = (size, size)
        if layers:
            advance(to=sum(done for done, _ in layers.values()), total=sum(size for _, size in layers.values()))
