"""${message}."""

from collections.abc import Callable

revision = "${up_revision}"
down_revision = "${down_revision}"


def upgrade(run: Callable[[str], None]) -> None:
    run("NN_name.sql")


def downgrade(run: Callable[[str], None]) -> None:
    run("NN_name_down.sql")
