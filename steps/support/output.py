"""stdout in any encoding; a line on stderr before slow work."""

import os
import sys


def prepare() -> None:
    """Have stdout and stderr escape the letters their encoding lacks."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # a test may have put another in its place
            stream.reconfigure(errors="backslashreplace")


def say(line: str) -> None:
    """Say what takes long before it begins, on the process's own stderr: behave captures sys.stderr."""
    print(line, file=sys.__stderr__, flush=True)


def unwritten(problem: OSError) -> bool:
    """Say in one line what could not be written; true, as the run has failed."""
    if isinstance(problem, BrokenPipeError) and sys.__stdout__:  # what is still to be printed goes nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno())
    say(f"The run ends, as its output cannot be written: {problem}.")
    return True
