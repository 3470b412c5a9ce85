"""Waiting for something to become true, with a deadline instead of a bare sleep."""

import time
from collections.abc import Callable

HANG_SECONDS = 300.0  # on a laptop that is busy with thirty other things
LOOK_SECONDS = 0.005


def wait_until(holds: Callable[[], bool], what: str, seconds: float = HANG_SECONDS) -> None:
    """Look every few milliseconds until `holds`; raises TimeoutError saying `what` never came."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} never came, in {seconds:.0f} s")
        time.sleep(LOOK_SECONDS)
