"""The product whose migrations are under acceptance: what it declares of itself, and the harness takes from it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL

from steps.support.errors import OptionError
from steps.support.postgres.database import Database
from steps.support.subject import Subject, Tenant


@dataclass(frozen=True)
class Seeds:
    """The rows scenarios begin with.

    `fill` puts the tables of before any migration, with so many rows of `called`, into an empty database; `tables` puts
    those a migration begins with there, without a row. `called` is also the option that says how many: at least
    `fewest`, `usual` without it.
    """

    called: str
    fewest: int
    usual: int
    tables: Callable[[Database, Subject], None]
    fill: Callable[[Database, int], None]


@dataclass(frozen=True)
class Product:
    """What the harness accepts: `title` for readers, its `subjects` in the order of their revisions, its seeds.

    `alembic` is the file with Alembic's settings.
    `address` reads an address as its services write them, and raises ValueError in one line that names its source.
    """

    title: str
    subjects: tuple[Subject, ...]
    seeds: Seeds
    alembic: Path
    address: Callable[[str, str], URL]

    @property
    def tenant(self) -> Tenant | None:
        """Whose rows are, in every table that has the column."""
        return next((subject.tenant for subject in self.subjects if subject.tenant), None)

    def before(self, subject: Subject) -> tuple[Subject, ...]:
        """The subjects that come before another, in order, but for optional ones."""
        return tuple(one for one in self.subjects[: self.subjects.index(subject)] if not one.optional)

    def after(self, subject: Subject) -> tuple[Subject, ...]:
        """The subjects that come after another, in order, but for optional ones."""
        return tuple(one for one in self.subjects[self.subjects.index(subject) + 1 :] if not one.optional)

    @property
    def roles(self) -> list[str]:
        """The roles its migrations need."""
        return [role for subject in self.subjects for role in subject.roles]

    def called(self, name: str) -> Subject:
        """The subject of that name, its script's without .sql; raises OptionError with the names there are."""
        for subject in self.subjects:
            if subject.tag == name.removesuffix(".sql"):
                return subject
        names = ", ".join(subject.tag for subject in self.subjects)
        raise OptionError(f"No migration under acceptance is called {name}. There are: {names}.")
