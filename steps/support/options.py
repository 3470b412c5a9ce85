"""The `-D name=value` options of a run: what each takes, and its check."""

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from steps.support.errors import OptionError
from steps.support.postgres import docker
from steps.support.postgres.time_limit import DEFAULT_SECONDS
from steps.support.subject import Product, Seeds, Subject

ROOT = Path(__file__).parents[2]
DAY = 86_400.0  # seconds
SERVERS = ("auto", "docker", "embedded")
KEEP = ("never", "failed", "always")


@dataclass(frozen=True)
class Options:
    """The run's options, checked."""

    subject: Subject  # the migration under acceptance
    postgres: str | URL = "auto"  # or 'docker', 'embedded', or the URL of a running server
    image: str = ""  # of a container; '' where none was asked for
    rows: int = 0  # of the seeds
    keep: str = "never"
    limit: float = DEFAULT_SECONDS  # seconds a script may run
    candidate: Path | None = None  # a script to judge in the place of the subject's own
    snapshot: Path | URL | None = None


def takes(product: Product) -> dict[str, str]:
    """What each option takes."""
    seeds, tags = product.seeds, [subject.tag for subject in product.subjects]
    return {
        "subject": f"{' | '.join(tags)}: the migration under acceptance (default: {tags[0]})",
        "postgres": f"{' | '.join(SERVERS)} | postgresql://… of a running server (default: auto)",
        "image": f"Docker image of the container, which is then a must (default: {docker.DEFAULT_IMAGE})",
        seeds.called: f"how many {seeds.called} the seeds have, {seeds.fewest} to {seeds.most}, for every scenario "
        f"copies them (default: {seeds.default})",
        "keep": f"{' | '.join(KEEP)}: which scenarios' databases outlive the run (default: never)",
        "limit": f"SECONDS a script may run before it is ended, at most a day's (default: {Options.limit:g})",
        "snapshot": "dump file, or postgresql://… of a database to copy: rehearse on real data (default: none)",
        "migration": "FILE: a script to judge in the place of the subject's own (default: as shipped)",
    }


def parse(userdata: Mapping[str, Any], product: Product) -> Options:
    """Options from behave's userdata; raises OptionError naming what is wrong and what would be right."""
    # For each option the field it fills, and its check, which raises ValueError.
    options: dict[str, tuple[str, Callable[[str], Any]]] = {
        "subject": ("subject", product.called),
        "postgres": ("postgres", partial(_server, product)),
        "image": ("image", _word),
        product.seeds.called: ("rows", partial(_number, product.seeds)),
        "keep": ("keep", partial(_one_of, KEEP)),
        "limit": ("limit", _seconds),
        "snapshot": ("snapshot", partial(_snapshot, product)),
        "migration": ("candidate", _candidate),
    }
    if unknown := sorted(set(userdata) - set(options)):
        raise OptionError(f"No such option: -D {', -D '.join(unknown)}. There are:\n{listing(product)}")
    found: dict[str, Any] = {"subject": product.subjects[0], "rows": product.seeds.default}
    for name, value in userdata.items():
        field, check = options[name]
        try:
            found[field] = check(str(value))
        except OptionError:
            raise
        except ValueError:
            raise OptionError(f"Wrong value for -D {name}: {value!r}. It takes {takes(product)[name]}.") from None
    parsed = Options(**found)
    if parsed.image and parsed.postgres not in ("auto", "docker"):
        raise OptionError("-D image asks for a container, and -D postgres for another server. Give one of them.")
    if parsed.snapshot and parsed.keep != "never":
        raise OptionError("-D keep is for scenarios: a rehearsal leaves no copy of real data behind. Leave it out.")
    return parsed


def listing(product: Product) -> str:
    """The options, a line each, with their meanings and defaults."""
    return "\n".join(f"  -D {name:<9}  {what}" for name, what in takes(product).items())


def _word(value: str) -> str:
    if not value or value != value.strip():
        raise ValueError
    return value


def _one_of(allowed: tuple[str, ...], value: str) -> str:
    if value not in allowed:
        raise ValueError
    return value


def _number(seeds: Seeds, value: str) -> int:
    if not value.isdecimal() or not seeds.fewest <= int(value) <= seeds.most:
        raise ValueError
    return int(value)


def _seconds(value: str) -> float:
    if not 0 < (seconds := float(value)) <= DAY:
        raise ValueError
    return seconds


def _server(product: Product, value: str) -> str | URL:
    return _url(product, value, "-D postgres") if "://" in value else _one_of(SERVERS, value)


def _candidate(value: str) -> Path:
    path = Path(_word(value))
    if not (path.is_file() and os.access(path, os.R_OK)):
        raise OptionError(f"-D migration={value} is no file that can be read. Name a SQL script.")
    return path.resolve()


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
