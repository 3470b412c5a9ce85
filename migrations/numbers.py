"""The next revision's number, in the place of Alembic's random id."""

from collections.abc import Iterable, Sequence
from typing import Any

from alembic import context
from alembic.operations.ops import MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory


def next_number(_context: MigrationContext, _revision: Any, directives: list[MigrationScript]) -> None:
    """Give a new revision the number after the highest there is, unless somebody chose its id."""
    if not context.get_context().opts["revision_context"].command_args["rev_id"]:
        ours = (revision.revision for revision in ScriptDirectory.from_config(context.config).walk_revisions())
        directives[0].rev_id = _after(ours)


def write_revision(migration_context: MigrationContext) -> bool:
    """Whether the command is `alembic revision` without --autogenerate: then it is done here, asking no database."""
    writing = migration_context.opts.get("revision_context")
    if not writing or writing.command_args["autogenerate"]:
        return False
    steps: Sequence[Any] = migration_context.opts["fn"]((), migration_context)
    assert not steps
    return True


def _after(numbers: Iterable[str]) -> str:
    return f"{max(int(number) for number in numbers if number.isdecimal()) + 1:04d}"
