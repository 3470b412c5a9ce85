"""The `-D name=value` options of the suite: their names, meanings, defaults and checks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.engine import URL

from orchestrator_service.db.settings import SettingsError, psycopg2_url
from steps.support.harness.errors import OptionError

ROOT = Path(__file__).parents[3]
FEWEST = 16  # the awkward ones, and more than any scenario asks for
SCRIPT = ROOT / "migrations" / "01_meta_ads_columns.sql"

MEANINGS = {
    "postgres": "auto | docker | embedded | postgresql://… of a running server (default: auto)",
    "image": "Docker image of the container (default: postgres:18)",
    "patients": f"how many patients the seeded clinics have, {FEWEST} or more (default: 120)",
    "keep": "never | failed | always: which scenarios' databases outlive the run (default: never)",
    "snapshot": "dump file, or postgresql://… of a database to copy: rehearse on real data (default: none)",
    "migration": f"script to judge in the place of {SCRIPT.name} (default: that script)",
}


@dataclass(frozen=True)
class Options:
    """The suite's options, checked.

    `postgres` is 'auto', 'docker', 'embedded' or the URL of a running server.
    """

    postgres: str | URL = "auto"
    image: str = "postgres:18"
    patients: int = 120
    keep: str = "never"
    migration: Path = SCRIPT
    snapshot: Path | URL | None = None


def parse(userdata: Mapping[str, Any]) -> Options:
    """Options from behave's userdata; raises OptionError naming what is wrong and what would be right."""
    unknown = sorted(set(userdata) - set(MEANINGS))
    if unknown:
        raise OptionError(f"No such option: -D {', -D '.join(unknown)}. There are:\n{listing()}")
    checks: dict[str, Callable[[str], Any]] = {
        "postgres": _postgres,
        "image": _image,
        "patients": _patients,
        "keep": _keep,
        "migration": _migration,
        "snapshot": _snapshot,
    }
    return Options(**{name: checks[name](str(value)) for name, value in userdata.items()})


def listing() -> str:
    """The options, a line each, with their meanings and defaults."""
    width = max(map(len, MEANINGS))
    return "\n".join(f"  -D {name:<{width}}  {meaning}" for name, meaning in MEANINGS.items())


def _wrong(name: str, value: str) -> OptionError:
    return OptionError(f"Wrong value for -D {name}: {value!r}. It takes {MEANINGS[name]}.")


def _postgres(value: str) -> str | URL:
    if value in ("auto", "docker", "embedded"):
        return value
    if "://" not in value:
        raise _wrong("postgres", value)
    try:
        return psycopg2_url(value, "-D postgres")
    except SettingsError as error:
        raise OptionError(str(error)) from None


def _image(value: str) -> str:
    if not value or any(character.isspace() for character in value):
        raise _wrong("image", value)
    return value


def _patients(value: str) -> int:
    if not value.isdecimal() or int(value) < FEWEST:
        raise _wrong("patients", value)
    return int(value)


def _keep(value: str) -> str:
    if value not in ("never", "failed", "always"):
        raise _wrong("keep", value)
    return value


def _migration(value: str) -> Path:
    path = Path(value)
    if not path.is_file():
        raise OptionError(f"No such file for -D migration: {value}. Name a SQL script.")
    return path.resolve()


def _snapshot(value: str) -> Path | URL:
    if "://" in value:
        try:
            return psycopg2_url(value, "-D snapshot")
        except SettingsError as error:
            raise OptionError(str(error)) from None
    path = Path(value)
    if not path.exists():
        raise OptionError(f"No such file for -D snapshot: {value}. Name a dump, or postgresql://… of a database.")
    return path.resolve()
