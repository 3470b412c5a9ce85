"""${message}."""

from migrations import settings, sql_file

revision = "${up_revision}"
down_revision = "${down_revision}"


def upgrade() -> None:
    settings.hand_to_script()
    sql_file.run("NN_name.sql")


def downgrade() -> None:
    settings.hand_to_script()
    sql_file.run("NN_name_down.sql")
