"""What each option's value may be: a check gives what it stands for, or raises ValueError."""

import math
import os
from pathlib import Path

from sqlalchemy.engine import URL

from steps.support.errors import OptionError
from steps.support.subject import Product


def postgres(product: Product, value: str) -> str | URL:
    """'auto', 'docker', 'embedded' or the URL of a running server."""
    if value in ("auto", "docker", "embedded"):
        return value
    if "://" not in value:
        raise ValueError
    return url(product, value, "-D postgres")


def image(value: str) -> str:
    """An image's name."""
    if not value or any(character.isspace() for character in value):
        raise ValueError
    return value


def at_least(fewest: int, value: str) -> int:
    """A whole number, not under `fewest`."""
    if not value.isdecimal() or int(value) < fewest:
        raise ValueError
    return int(value)


def seconds(value: str) -> float:
    """A time in seconds."""
    if not math.isfinite(seconds := float(value)) or seconds <= 0:
        raise ValueError
    return seconds


def one_of(allowed: tuple[str, ...], value: str) -> str:
    """One of the words `allowed`."""
    if value not in allowed:
        raise ValueError
    return value


def candidate(value: str) -> Path:
    """A SQL script that can be read."""
    try:
        Path(value).read_bytes()
    except OSError as error:
        raise OptionError(f"-D migration={value} cannot be read: {error.strerror}. Name a SQL script.") from None
    return Path(value).resolve()


def snapshot(product: Product, value: str) -> Path | URL:
    """A dump's path, or the URL of a database."""
    if "://" in value:
        return url(product, value, "-D snapshot")
    path = Path(value)
    if not value or not path.exists():
        raise OptionError(f"No such file for -D snapshot: {value!r}. Name a dump, or postgresql://… of a database.")
    return path.resolve()


def url(product: Product, value: str, whose: str) -> URL:
    """An address as the product's services write them, with PGPASSWORD where it has none; `whose` names the option."""
    try:
        address = product.address(value, whose)
        return address if address.password else address.set(password=os.environ.get("PGPASSWORD"))
    except ValueError as error:
        raise OptionError(str(error)) from None
