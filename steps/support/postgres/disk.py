"""How much disk a server is to have for a snapshot, and where there is as much."""

from steps.support.errors import SnapshotError

ENOUGH = 2 << 30  # for the server's own files, and scenarios that make more


def fits_in_memory(free: int, room: int) -> bool:
    """Whether a memory file system with so many bytes free is the place."""
    # Of memory only a part: the file system counts as free what processes need as well.
    return free > max(ENOUGH, 3 * room)


def expect_on_disk(free: int, room: int, where: str, remedy: str) -> None:
    """Raise SnapshotError unless `room` bytes fit where `free` are."""
    if room and free < room + ENOUGH:
        raise SnapshotError(
            f"Not enough disk: the rehearsal needs about {(room + ENOUGH) / 1e9:.1f} GB, and {where} has "
            f"{free / 1e9:.1f} GB. {remedy}"
        )
