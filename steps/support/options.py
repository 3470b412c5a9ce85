"""The `-D name=value` options of a run: what each takes, and its check."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from steps.support import checks
from steps.support.errors import OptionError
from steps.support.postgres.time_limit import USUAL_SECONDS
from steps.support.subject import Product, Subject

ROOT = Path(__file__).parents[2]
Check = Callable[[str], Any]


@dataclass(frozen=True)
class Options:
    """The run's options, checked."""

    subject: Subject  # the migration under acceptance
    postgres: str | URL = "auto"  # or 'docker', 'embedded', or the URL of a running server
    image: str = ""  # of a container; '' where none was asked for
    rows: int = 0  # of the seeds
    keep: str = "never"
    limit: float = USUAL_SECONDS  # seconds a script may run
    candidate: Path | None = None  # a script to judge in the place of the subject's own
    snapshot: Path | URL | None = None


@dataclass(frozen=True)
class Option:
    """One option: the field it fills, what it takes with its default, and its check, which raises ValueError."""

    fills: str
    takes: str
    check: Check


def options(product: Product) -> dict[str, Option]:
    """The options there are, by name."""
    seeds = product.seeds
    names = " | ".join(subject.tag for subject in product.subjects)
    return {
        "subject": Option(
            "subject", f"{names}: the migration under acceptance (default: {product.subjects[0].tag})", product.called
        ),
        "postgres": Option(
            "postgres", "auto | docker | embedded | postgresql://… of a running server (default: auto)",
            partial(checks.postgres, product),
        ),
        "image": Option(
            "image", "Docker image of the container, which is then a must (default: postgres:18)", checks.image
        ),
        seeds.called: Option(
            "rows", f"how many {seeds.called} the seeds have, {seeds.fewest} or more (default: {seeds.usual})",
            partial(checks.at_least, seeds.fewest),
        ),
        "keep": Option(
            "keep", "never | failed | always: which scenarios' databases outlive the run (default: never)",
            partial(checks.one_of, ("never", "failed", "always")),
        ),
        "limit": Option(
            "limit", f"SECONDS a script may run; one that takes longer is ended (default: {Options.limit:g})",
            checks.seconds,
        ),
        "snapshot": Option(
            "snapshot", "dump file, or postgresql://… of a database to copy: rehearse on real data (default: none)",
            partial(checks.snapshot, product),
        ),
        "migration": Option(
            "candidate", "FILE: a script to judge in the place of the subject's own (default: as shipped)",
            checks.candidate,
        ),
    }  # fmt: skip


def parse(userdata: Mapping[str, Any], product: Product) -> Options:
    """Options from behave's userdata; raises OptionError naming what is wrong and what would be right."""
    there_are = options(product)
    if unknown := sorted(set(userdata) - set(there_are)):
        raise OptionError(f"No such option: -D {', -D '.join(unknown)}. There are:\n{listing(product)}")
    found: dict[str, Any] = {"subject": product.subjects[0], "rows": product.seeds.usual}
    for name, value in userdata.items():
        option = there_are[name]
        try:
            found[option.fills] = option.check(str(value))
        except ValueError as error:
            if isinstance(error, OptionError):
                raise
            raise OptionError(f"Wrong value for -D {name}: {str(value)!r}. It takes {option.takes}.") from None
    parsed = Options(**found)
    if parsed.image and parsed.postgres not in ("auto", "docker"):
        asked = parsed.postgres if isinstance(parsed.postgres, str) else "postgresql://…"
        raise OptionError(
            f"-D image asks for a container, and -D postgres={asked} for another server. Give one of them."
        )
    return parsed


def listing(product: Product) -> str:
    """The options, a line each, with their meanings and defaults."""
    there_are = options(product)
    width = max(map(len, there_are))
    return "\n".join(f"  -D {name:<{width}}  {option.takes}" for name, option in there_are.items())
