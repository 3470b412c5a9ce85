"""The migrations under acceptance and their product, as the product declares them once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from steps.support.errors import OptionError
from steps.support.finding import Kind


@dataclass(frozen=True)
class Column:
    """A column as a specification speaks of one; `default` is the value or, where it is none, the expression."""

    type: str
    default: str | None = None
    nullable: bool = True
    peculiarity: str = ""

    @property
    def words(self) -> tuple[str, str, str, str]:
        """What it is like, for a reader."""
        default = "sin default" if self.default is None else f"default {self.default!r}"
        return self.type, default, "permite NULLs" if self.nullable else "no permite NULLs", self.peculiarity

    def __str__(self) -> str:
        return ", ".join(filter(None, self.words))

    def unlike(self, other: "Column") -> tuple[str, str]:
        """What the two do not have in common, of each in words."""
        pairs = [pair for pair in zip(self.words, other.words, strict=True) if pair[0] != pair[1]]
        mine, its = (", ".join(words[side] or "común" for words in pairs) for side in (0, 1))
        return mine, its

    @property
    def definition(self) -> str:
        """The column as ADD COLUMN takes it."""
        return self.type + ("" if self.default is None else f" DEFAULT '{self.default}'")


@dataclass(frozen=True)
class Tenant:
    """The tenant column, and the Spanish words for one tenant and for several."""

    column: str
    one: str
    many: str


@dataclass(frozen=True)
class Fact:
    """What the catalogue says once a migration is done that adds something else than a column."""

    sort: str  # of an object
    table: str
    name: str
    says: Mapping[str, object] = field(hash=False)  # part of what evidence/structure.sql says of it
    by_hand: str  # SQL that makes it so

    @property
    def key(self) -> tuple[str, str, str]:
        """Which object."""
        return self.sort, self.table, self.name

    @property
    def place(self) -> str:
        """Such as patients.tenant_rows."""
        return ".".join(filter(None, (self.table, self.name)))


@dataclass(frozen=True)
class Requirement:
    """A requirement: its tag, its section of the specification, and its words for a reader.

    A kind in `asks` breaks it. A kind in `alone` breaks it only if no other scenario found the same thing: a script
    that fails the first time is no failure to repeat.
    """

    tag: str
    section: str
    text: str
    asks: frozenset[Kind] = frozenset()
    alone: frozenset[Kind] = frozenset()


@dataclass(frozen=True)
class Model:
    """The class a service maps the table by."""

    required: Mapping[str, Any]  # what a new object needs besides the migration's columns
    session: Callable[[Any], Any]  # opens the service's session on an engine


@dataclass(frozen=True)
class Look:
    """Something to look at in real data before migrating them."""

    needs: tuple[str, ...]  # columns that the table must have for it, and other tables
    counts: tuple[str, ...]  # conditions in SQL: how many rows they hold for
    says: str  # in Spanish, with {} for each count; unless the first is 0


@dataclass(frozen=True)
class Subject:
    """One migration under acceptance. Two of them can live in one run."""

    name: str  # in titles of scenarios and in the report
    script: Path
    revision: str  # Alembic's
    previous: str  # the revision before it
    table: str  # of the public schema
    columns: Mapping[str, Column] = field(hash=False)  # those it adds
    rows: str  # what a reader in Spanish calls rows of the table
    insert: str  # adds row %(number)s of one session for tenant %(tenant)s, as the product does; returns its key
    tenant: Tenant | None = None
    key: str = "id"  # the primary key of its tables
    facts: tuple[Fact, ...] = ()  # what else it adds to the catalogue
    also: tuple[str, ...] = ()  # other tables it changes
    roles: tuple[str, ...] = ()  # those it needs
    alembic: Path | None = None  # the settings of its history; the product's own without
    optional: bool = False  # runs only when asked for; the others do without it
    values: Mapping[str, str] = field(default_factory=dict, hash=False)  # SQL that gives a row a value, by column
    may_lose: str = ""  # the -x argument that lets Alembic go back although rows would lose such values
    model: Model | None = field(default=None, hash=False)  # how a service reads and writes the table
    max_stall: float = 0.5  # seconds it may hold up a writer
    exclusive: bool = True  # False: its lock stops no reader or writer, and it may read every row under it
    looks: tuple[Look, ...] = ()  # what a rehearsal counts beforehand
    requirements: tuple[Requirement, ...] = ()

    @property
    def tag(self) -> str:
        """What it is called on the command line, and the tag of scenarios about it alone."""
        return self.script.stem

    @property
    def names(self) -> frozenset[str]:
        """Its table, and what it adds: what a finding is about before it is about anything else."""
        return frozenset({self.table, *self.columns, *(fact.name for fact in self.facts)})

    @property
    def written(self) -> str:
        """A column UPDATE may set to itself (an identity column may not)."""
        return self.tenant.column if self.tenant else self.key

    @property
    def relation(self) -> str:
        """The table with its schema."""
        return f"public.{self.table}"

    @property
    def relations(self) -> tuple[str, ...]:
        """All tables it changes, with their schema."""
        return tuple(f"public.{table}" for table in (self.table, *self.also))


@dataclass(frozen=True)
class Seeds:
    """The rows scenarios begin with."""

    called: str  # also the option that says how many
    fewest: int
    most: int
    default: int
    tables: Callable[[Any, Subject], None]  # puts the tables a migration begins with into an empty database
    fill: Callable[[Any, int], None]  # puts the tables of before any migration there, with so many rows


@dataclass(frozen=True)
class Product:
    """What the harness accepts."""

    title: str  # for readers
    subjects: tuple[Subject, ...]  # in the order of their revisions
    seeds: Seeds
    alembic: Path  # the file with Alembic's settings
    address: Callable[[str, str], URL]  # reads one as its services write it; raises ValueError that names its source

    @property
    def tenant(self) -> Tenant | None:
        """The first tenant that a subject declares."""
        return next((subject.tenant for subject in self.subjects if subject.tenant), None)

    def before(self, subject: Subject) -> tuple[Subject, ...]:
        """The subjects that come before another, in order, but for optional ones."""
        return tuple(one for one in self.subjects[: self.subjects.index(subject)] if not one.optional)

    def after(self, subject: Subject) -> tuple[Subject, ...]:
        """The subjects that come after another, in order, but for optional ones."""
        return tuple(one for one in self.subjects[self.subjects.index(subject) + 1 :] if not one.optional)

    def not_about(self, subject: Subject) -> frozenset[str]:
        """The tags of scenarios that are not about a subject; @exclusiva: about an exclusive lock."""
        others = {one.tag for one in self.subjects if one is not subject}
        return frozenset(others if subject.exclusive else {*others, "exclusiva"})

    def called(self, name: str) -> Subject:
        """The subject of that name, its script's without .sql; raises OptionError with the names there are."""
        for subject in self.subjects:
            if subject.tag == name.removesuffix(".sql"):
                return subject
        names = ", ".join(subject.tag for subject in self.subjects)
        raise OptionError(f"No migration under acceptance is called {name}. There are: {names}.")
