"""The `-D name=value` options of a run: what each takes, and its check."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from steps.support.errors import OptionError
from steps.support.postgres.time_limit import USUAL_SECONDS
from steps.support.subject import Product, Subject

ROOT = Path(__file__).parents[2]
DAY = 86_400.0


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
    check: Callable[[str], Any]


def options(product: Product) -> dict[str, Option]:
    """The options there are, by name."""
    seeds, tags = product.seeds, [subject.tag for subject in product.subjects]
    return {
        "subject": Option(
            "subject", f"{' | '.join(tags)}: the migration under acceptance (default: {tags[0]})", product.called
        ),
        "postgres": Option(
            "postgres", "auto | docker | embedded | postgresql://… of a running server (default: auto)",
            partial(_server, product),
        ),
        "image": Option(
            "image", "Docker image of the container, which is then a must (default: postgres:18)", _word
        ),
        seeds.called: Option(
            "rows", f"how many {seeds.called} the seeds have, {seeds.fewest} to {seeds.most} (default: {seeds.usual}): "
            "every scenario copies them", partial(_number, range(seeds.fewest, seeds.most + 1)),
        ),
        "keep": Option(
            "keep", "never | failed | always: which scenarios' databases outlive the run (default: never)",
            partial(_one_of, ("never", "failed", "always")),
        ),
        "limit": Option(
            "limit", f"SECONDS a script may run before it is ended, at most a day's (default: {Options.limit:g})",
            _seconds,
        ),
        "snapshot": Option(
            "snapshot", "dump file, or postgresql://… of a database to copy: rehearse on real data (default: none)",
            partial(_snapshot, product),
        ),
        "migration": Option(
            "candidate", "FILE: a script to judge in the place of the subject's own (default: as shipped)", _candidate
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
        except OptionError:
            raise
        except ValueError:
            raise OptionError(f"Wrong value for -D {name}: {str(value)!r}. It takes {option.takes}.") from None
    parsed = Options(**found)
    if parsed.image and parsed.postgres not in ("auto", "docker"):
        raise OptionError("-D image asks for a container, and -D postgres for another server. Give one of them.")
    if parsed.snapshot and parsed.keep != "never":
        raise OptionError("-D keep is for scenarios: a rehearsal leaves no copy of real data behind. Leave it out.")
    return parsed


def listing(product: Product) -> str:
    """The options, a line each, with their meanings and defaults."""
    there_are = options(product)
    width = max(map(len, there_are))
    return "\n".join(f"  -D {name:<{width}}  {option.takes}" for name, option in there_are.items())


def _word(value: str) -> str:
    if not value or value != value.strip():
        raise ValueError
    return value


def _one_of(allowed: tuple[str, ...], value: str) -> str:
    if value not in allowed:
        raise ValueError
    return value


def _number(allowed: range, value: str) -> int:
    if not value.isdecimal() or int(value) not in allowed:
        raise ValueError
    return int(value)


def _seconds(value: str) -> float:
    if not 0 < (seconds := float(value)) <= DAY:
        raise ValueError
    return seconds


def _server(product: Product, value: str) -> str | URL:
    return _url(product, value, "-D postgres") if "://" in value else _one_of(("auto", "docker", "embedded"), value)


def _candidate(value: str) -> Path:
    try:
        Path(_word(value)).read_bytes()
    except OSError as error:
        raise OptionError(f"-D migration={value} cannot be read: {error.strerror}. Name a SQL script.") from None
    return Path(value).resolve()


def _snapshot(product: Product, value: str) -> Path | URL:
    if "://" in value:
        return _url(product, value, "-D snapshot")
    if not Path(_word(value)).exists():
        raise OptionError(f"No such file for -D snapshot: {value!r}. Name a dump, or postgresql://… of a database.")
    return Path(value).resolve()


def _url(product: Product, value: str, whose: str) -> URL:
    """An address as the product's services write them, with PGPASSWORD where it has none; `whose` names the option."""
    try:
        address = product.address(value, whose)
        return address if address.password else address.set(password=os.environ.get("PGPASSWORD"))
    except ValueError as error:
        raise OptionError(str(error)) from None
