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
    """Whose a row is: the column that says it, and what a reader in Spanish calls one of them, and several."""

    column: str
    one: str
    many: str


@dataclass(frozen=True)
class Fact:
    """What the catalogue says once a migration is done that adds something else than a column.

    `sort`, `table` and `name` are of an object, and `says` part of what evidence/structure.sql has to say of it.
    `by_hand` is SQL that makes it so.
    """

    sort: str
    table: str
    name: str
    says: Mapping[str, object] = field(hash=False)
    by_hand: str

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

    A finding of a kind it `asks` breaks it. One of a kind in `alone` does where only its own scenarios find it: a
    script that fails or loses rows the first time is no failure to repeat.
    """

    tag: str
    section: str
    text: str
    asks: frozenset[Kind] = frozenset()
    alone: frozenset[Kind] = frozenset()


@dataclass(frozen=True)
class Model:
    """The class a service maps the table by.

    `required` is what a new object needs besides the migration's columns. `session` opens the service's session on an
    engine.
    """

    mapped: Any
    required: Mapping[str, Any]
    session: Callable[[Any], Any]


@dataclass(frozen=True)
class Look:
    """Something to look at in real data before migrating them, where the table has the columns it `needs`.

    `query` gives one row of counts; unless the first is 0, `says` tells of them in Spanish: {0}, {1} …
    """

    needs: tuple[str, ...]
    query: str
    says: str


@dataclass(frozen=True)
class Subject:
    """One migration under acceptance. Two of them can live in one run.

    `name` is what titles of scenarios and the report call it. `script` adds `columns` to `table`, of the public
    schema, and `facts` to the catalogue; `also` are other tables it changes, and `roles` those it needs, which are
    the server's. Alembic calls it `revision` and what stands before it `previous`, in the history of `alembic`, the
    product's own without. One that is `optional` runs only when asked for; the others do without it. `rows` is
    what a reader in Spanish calls rows of the table, `tenant` whose they are, `key` the primary key of its tables.
    `insert` adds one row to it as the product does, number %(number)s of those one session adds in the name of tenant
    %(tenant)s, and returns its key. `values` are SQL expressions, by column, that give a row a value of its own there.
    `may_lose` is the -x argument that lets Alembic go back although rows would lose such values. `model` is how a
    service reads and writes the table. `max_stall` is the longest, in seconds, that the script promises to hold up a
    writer. `looks` are what a rehearsal counts beforehand. One that is not `exclusive` takes a lock that stops no
    reader or writer, as VALIDATE CONSTRAINT does, and may read every row under it.
    """

    name: str
    script: Path
    revision: str
    previous: str
    table: str
    columns: Mapping[str, Column] = field(hash=False)
    rows: str
    insert: str
    tenant: Tenant | None = None
    key: str = "id"
    facts: tuple[Fact, ...] = ()
    also: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    alembic: Path | None = None
    optional: bool = False
    values: Mapping[str, str] = field(default_factory=dict, hash=False)
    may_lose: str = ""
    model: Model | None = field(default=None, hash=False)
    max_stall: float = 0.5
    exclusive: bool = True
    looks: tuple[Look, ...] = ()
    requirements: tuple[Requirement, ...] = ()

    @property
    def tag(self) -> str:
        """What it is called on the command line, and the tag of scenarios about it alone."""
        return self.script.stem

    @property
    def written(self) -> str:
        """A column an UPDATE may set to itself, as an identity may not be."""
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
    """The rows scenarios begin with.

    `fill` puts the tables of before any migration, with so many rows of `called`, into an empty database; `tables` puts
    those a migration begins with there, without a row. `called` is also the option that says how many: at least
    `fewest`, `usual` without it.
    """

    called: str
    fewest: int
    usual: int
    tables: Callable[[Any, Subject], None]
    fill: Callable[[Any, int], None]


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

    def not_about(self, subject: Subject) -> frozenset[str]:
        """The tags of scenarios that are not about a subject; @exclusiva: about an exclusive lock."""
        others = {one.tag for one in self.subjects if one is not subject}
        return frozenset(others if subject.exclusive else {*others, "exclusiva"})

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
