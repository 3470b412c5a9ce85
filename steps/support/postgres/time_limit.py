"""How long a script may run. A script that reached the limit once is not run again."""

from pathlib import Path

DEFAULT_SECONDS = 60.0

_endless: set[Path] = set()
_seconds = DEFAULT_SECONDS


def begin(limit: float) -> None:
    """A run begins: so many seconds for a script, and none has been waited for in vain."""
    global _seconds  # noqa: PLW0603  one run a process
    _seconds = limit
    _endless.clear()


def seconds() -> float:
    """How long a script may run."""
    return _seconds


def while_held() -> float:
    """How long a script may run beside a session that holds its table: it waits there, or gives up."""
    return _seconds / 4


def expect_end(script: Path) -> None:
    """Fail at once where the script did not end before: a suite that waits each time takes hours to say one thing."""
    if script in _endless:
        raise AssertionError(
            f"El script {script.name} no se ejecuta otra vez: en un escenario anterior no terminó en {_seconds:g} s, "
            "lo que -D limit le da."
        )


def reached(limit: float, *scripts: Path) -> str:
    """What to say of scripts that were ended, which are not run again."""
    _endless.update(scripts)
    return f"no terminó en {limit:g} s, y se lo canceló: es el tope que sale de -D limit={_seconds:g}"
