"""The last SQL of a scenario, for an engineer to read under a failure: statements, never their parameters."""

import threading
from collections import deque
from typing import Any

from sqlalchemy import Connection, Engine, event

REMEMBERED = 12
LONGEST = 600

_last: deque[str] = deque(maxlen=REMEMBERED)
_thread = threading.local()


def begin() -> None:
    """Forget what ran before this scenario."""
    _last.clear()


def leave_out_this_thread() -> None:
    """What this thread runs is no scenario's."""
    _thread.left_out = True


def note(database: str, what: str) -> None:
    """Remember that something ran on a database."""
    if getattr(_thread, "left_out", False):
        return
    text = "\n".join(line.rstrip() for line in what.strip().splitlines())
    shown = text if len(text) <= LONGEST else text[:LONGEST] + " …"
    _last.append(f"-- {database}\n{shown}")


def text() -> str:
    """What ran, the last of it, in order."""
    return "\n\n".join(_last)


@event.listens_for(Engine, "before_cursor_execute")
def _statement(connection: Connection, _cursor: Any, statement: str, *_rest: Any) -> None:
    note(str(connection.engine.url.database), statement)
