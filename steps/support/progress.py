"""What is under way and how far it is."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def progress(what: str, total: float) -> Iterator[Callable[[float], None]]:
    """Say `what` is under way; the function given is called with how much more is done."""
    done = 0.0

    def advance(more: float) -> None:
        nonlocal done
        done += more
        print(f"{what}: {done:g} of {total:g}", file=sys.__stderr__, flush=True)

    yield advance
