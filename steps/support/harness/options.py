"""The `-D name=value` options of a run: each stated once, with its meaning, default and check."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from steps.support.harness.errors import OptionError
from steps.support.harness.product import Product

ROOT = Path(__file__).parents[3]
Check = Callable[[str], Any]


@dataclass(frozen=True)
class Options:
    """The run's options, checked.

    `postgres` is 'auto', 'docker', 'embedded' or the URL of a running server; `image` of a container, '' where none was
    asked for; `rows` how many the seeds have; `limit` how long a script may run, in seconds; `candidates` the scripts
    to judge in the place of those they are called by; `result` is where to keep the run, `previous` such a run to
    compare it with.
    """

    postgres: str | URL = "auto"
    image: str = ""
    rows: int = 0
    keep: str = "never"
    limit: float = 60.0
    candidates: Mapping[str, Path] = field(default_factory=dict)
    snapshot: Path | URL | None = None
    result: Path | None = None
    previous: Path | None = None


@dataclass(frozen=True)
class Option:
    """One option: the field it fills, what it takes with its default, and its check, which raises ValueError."""

    fills: str
    takes: str
    check: Check


def options(product: Product) -> dict[str, Option]:
    """The options there are, by name."""
    seeds = product.seeds
    names = ", ".join(subject.script.name for subject in product.subjects)
    return {
        "postgres": Option(
            "postgres", "auto | docker | embedded | postgresql://… of a running server (default: auto)",
            partial(_postgres, product),
        ),
        "image": Option("image", "Docker image of the container, which is then a must (default: postgres:18)", _image),
        seeds.called: Option(
            "rows", f"how many {seeds.called} the seeds have, {seeds.fewest} or more (default: {seeds.usual})",
            partial(_at_least, seeds.fewest),
        ),
        "keep": Option(
            "keep", "never | failed | always: which scenarios' databases outlive the run (default: never)",
            partial(_one_of, ("never", "failed", "always")),
        ),
        "limit": Option(
            "limit", f"SECONDS a script may run; one that takes longer is ended (default: {Options.limit:g})", _seconds,
        ),
        "snapshot": Option(
            "snapshot", "dump file, or postgresql://… of a database to copy: rehearse on real data (default: none)",
            partial(_snapshot, product),
        ),
        "migration": Option(
            "candidates", f"FILE, or NAME=FILE: a script to judge in the place of {names} (default: as shipped)",
            partial(_candidate, product),
        ),
        "result": Option("result", "FILE.json: keep the run there, for programs (default: none)", Path),
        "previous": Option(
            "previous", "FILE.json of an earlier -D result: tell what changed since (default: none)", _kept
        ),
    }  # fmt: skip


def parse(userdata: Mapping[str, Any], product: Product) -> Options:
    """Options from behave's userdata; raises OptionError naming what is wrong and what would be right."""
    there_are = options(product)
    if unknown := sorted(set(userdata) - set(there_are)):
        raise OptionError(f"No such option: -D {', -D '.join(unknown)}. There are:\n{listing(product)}")
    found: dict[str, Any] = {"rows": product.seeds.usual}
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


def _postgres(product: Product, value: str) -> str | URL:
    if value in ("auto", "docker", "embedded"):
        return value
    if "://" not in value:
        raise ValueError
    return _url(product, value, "-D postgres")


def _image(value: str) -> str:
    if not value or any(character.isspace() for character in value):
        raise ValueError
    return value


def _at_least(fewest: int, value: str) -> int:
    if not value.isdecimal() or int(value) < fewest:
        raise ValueError
    return int(value)


def _seconds(value: str) -> float:
    if not math.isfinite(seconds := float(value)) or seconds <= 0:
        raise ValueError
    return seconds


def _one_of(allowed: tuple[str, ...], value: str) -> str:
    if value not in allowed:
        raise ValueError
    return value


def _kept(value: str) -> Path:
    path = Path(value)
    if not path.is_file():
        raise OptionError(f"No such file for -D previous: {value}. Name what -D result=FILE.json of a run wrote.")
    if '"format": 1,' not in path.read_text(encoding="utf-8", errors="replace")[:20]:
        raise OptionError(f"{value} is no result of this suite. Name what -D result=FILE.json of a run wrote.")
    return path


def _candidate(product: Product, value: str) -> dict[str, Path]:
    """The file by the name of the script it replaces: the name given, its own, or the only one there is."""
    named, _, rest = value.partition("=")
    path = Path(rest or named)
    if not path.is_file():
        raise OptionError(f"No such file for -D migration: {path}. Name a SQL script.")
    _expect_text(path)
    scripts = [subject.script.name for subject in product.subjects]
    name = named if rest else path.name if path.name in scripts else scripts[0] if len(scripts) == 1 else ""
    if not name:
        raise OptionError(
            f"Which migration is {path.name} to replace? There are {', '.join(scripts)}. "
            f"Say it: -D migration={scripts[-1]}={path}"
        )
    return {product.called(name).script.name: path.resolve()}


def _expect_text(path: Path) -> None:
    """Raise OptionError for a file psql would not take as SQL: it is sent as UTF-8, and NUL ends a statement."""
    try:
        data = path.read_bytes()
        data.decode("utf-8")
        at = data.find(b"\0")
    except OSError as error:
        raise OptionError(f"-D migration={path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        at = error.start
    if at >= 0:
        raise OptionError(
            f"-D migration={path} is no UTF-8 text: line {data[:at].count(10) + 1} has the byte 0x{data[at]:02x}. "
            "Name a SQL script, saved as UTF-8."
        )


def _snapshot(product: Product, value: str) -> Path | URL:
    if "://" in value:
        return _url(product, value, "-D snapshot")
    path = Path(value)
    if not path.exists():
        raise OptionError(f"No such file for -D snapshot: {value}. Name a dump, or postgresql://… of a database.")
    return path.resolve()


def _url(product: Product, value: str, whose: str) -> URL:
    try:
        return product.address(value, whose)
    except ValueError as error:
        raise OptionError(str(error)) from None
