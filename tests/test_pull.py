"""What a person sees of an image's pull, from the stream of events docker-py gives."""

import io
from collections.abc import Iterator
from typing import Any
from unittest.mock import MagicMock

import pytest
from docker.errors import ImageNotFound, NotFound

from steps.support.harness import progress as module
from steps.support.harness.errors import NoServerError
from steps.support.harness.progress import Task, progress
from steps.support.harness.servers import docker, images
from steps.support.harness.waiting import wait_until
from tests.test_progress import Terminal

Event = dict[str, Any]
BIG, SMALL = 100_000_000, 1_000_000


def layer(name: str, status: str, current: int = 0, total: int = 0) -> Event:
    detail = {"current": current, "total": total} if total else {}
    return {"id": name, "status": status, "progressDetail": detail, "progress": "[=>  ]"}


# A small layer is over before the big one's size is known; one is here already, one is too small to be followed.
EVENTS: list[Event] = [
    {"status": "Pulling from library/postgres", "id": "18"},
    layer("a", "Already exists"),
    layer("b", "Pulling fs layer"),
    layer("c", "Pulling fs layer"),
    layer("d", "Pulling fs layer"),
    layer("c", "Waiting"),
    layer("b", "Downloading", SMALL // 2, SMALL),
    layer("b", "Downloading", SMALL, SMALL),
    layer("b", "Verifying Checksum"),
    layer("b", "Download complete"),
    layer("b", "Extracting", SMALL, SMALL),
    layer("b", "Pull complete"),
    layer("d", "Download complete"),
    layer("c", "Downloading", BIG // 2, BIG),
    layer("c", "Retrying in 5 seconds"),
    layer("c", "Downloading", 10, BIG),
    layer("c", "Downloading", BIG, BIG),
    layer("c", "Download complete"),
    layer("c", "Extracting", 1, 0),
    layer("c", "Extracting", BIG // 2, BIG),
    {"id": "c", "status": "Extracting", "progressDetail": {"current": 7, "units": "s"}},
    {"id": "c", "status": "Extracting", "progressDetail": {"current": 3 * BIG, "total": 3 * BIG}},
    layer("c", "Pull complete"),
    layer("d", "Pull complete"),
    {"status": "Digest: sha256:0123"},
    {"status": "Status: Downloaded newer image for postgres:18"},
]


def shares(events: list[Event]) -> list[float]:
    """The share shown after every event that moved it or could have."""
    task = Task("Pulling")
    found: list[float] = []

    def advance(**how: float) -> None:
        task.advance(**how)
        assert task.total
        found.append(task.done / task.total)

    images.follow(events, advance)
    return found


def test_it_never_goes_back_and_ends_whole() -> None:
    found = shares(EVENTS)
    assert found == sorted(found)
    assert found[0] == 0.0
    assert found[-1] == 1.0


def test_it_is_not_done_before_what_is_left_is_unpacked() -> None:
    here = EVENTS.index(layer("c", "Download complete"))
    assert 0.5 < shares(EVENTS[: here + 1])[-1] < 0.6
    assert shares(EVENTS[: here + 3])[-1] == pytest.approx((2 * SMALL + BIG + BIG // 2) / (2 * (SMALL + BIG)))


def test_a_layer_whose_size_is_unknown_counts_as_to_come() -> None:
    small = EVENTS.index(layer("b", "Pull complete"))
    assert shares(EVENTS[: small + 1])[-1] == pytest.approx(SMALL / (SMALL + 2 * images.UNKNOWN_SIZE))


def test_an_image_that_is_here_already_moves_nothing() -> None:
    assert shares([EVENTS[0], layer("a", "Already exists"), {"status": "Status: Image is up to date"}]) == []


@pytest.mark.parametrize(
    ("stream", "shown"), [(Terminal(), "[############..."), (io.StringIO(), "Pulling postgres:18: 50 %")]
)
def test_a_bar_on_a_terminal_and_lines_in_a_log(
    stream: io.StringIO, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SILENT_SECONDS", "REDRAW_SECONDS", "LINE_SECONDS"):
        monkeypatch.setattr(module, name, 0.005)

    def slowly() -> Iterator[Event]:
        for event in EVENTS:
            yield event
            if event == layer("c", "Download complete"):
                wait_until(lambda: shown in stream.getvalue(), "the share")

    with progress("Pulling postgres:18", to=stream) as advance:
        images.follow(slowly(), advance)
    assert ("\r" in stream.getvalue()) == stream.isatty()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ({"errorDetail": {"message": "toomanyrequests: slow down"}, "error": "toomanyrequests: slow down\nsee …"},
         "(toomanyrequests: slow down)"),
        (NotFound("404 Client Error for http+docker://localhost/v1.47/images/create", explanation="manifest unknown"),
         "(manifest unknown)"),
        (ImageNotFound("no such image"), "(no such image)"),
    ],
    ids=["in the stream", "before it", "without an explanation"],
)  # fmt: skip
def test_an_error_is_one_line(error: Any, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = MagicMock()
    client.images.get.side_effect = ImageNotFound("not here")
    if isinstance(error, Exception):
        client.api.pull.side_effect = error
    else:
        client.api.pull.return_value = iter([*EVENTS[:8], error, *EVENTS[8:]])
    monkeypatch.setattr("docker.from_env", lambda **_: client)
    container = MagicMock()
    monkeypatch.setattr(docker, "PostgresContainer", container)
    with pytest.raises(NoServerError) as raised:
        docker.start("postgres:99")
    assert "\n" not in str(raised.value)
    assert f"a container of postgres:99 does not start {said}" in str(raised.value)
    assert "http+docker" not in str(raised.value)
    assert not container.return_value.with_name.return_value.start.called
    client.close.assert_called()
