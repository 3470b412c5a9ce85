"""Text that Postgres could not store as given, refused as it is set on an object."""

import re


class UnstorableValueError(ValueError):
    """A value Postgres could not store as given; the message never has the value."""


def checked(name: str, value: object) -> object:
    """`value` as it is, or UnstorableValueError: NUL, half of a surrogate pair, what is no text.

    A number is not converted: Meta's ids are longer than a float is exact, so its digits may be others by now.
    """
    if value is None:
        return value
    if not isinstance(value, str):
        raise UnstorableValueError(f"{name} is text, and got {type(value).__name__}: give the digits as str.")
    if "\0" in value:
        raise UnstorableValueError(f"{name} has a NUL character, which Postgres text cannot hold.")
    if re.search("[\ud800-\udfff]", value):
        raise UnstorableValueError(f"{name} has a lone surrogate, which is no character.")
    return value
