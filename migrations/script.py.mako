"""${message}.

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
"""

from migrations import sql_file
${imports if imports else ""}
revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "sql_file.run(\"NN_name.sql\")"}


def downgrade() -> None:
    ${downgrades if downgrades else "sql_file.run(\"NN_name_down.sql\")"}
