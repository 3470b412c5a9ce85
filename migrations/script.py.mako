<%!
import re


def quoted(value):
    return '"' + value + '"' if isinstance(value, str) else repr(value)
%>\
<%
script = f"{int(up_revision) - 1:02d}_{re.sub(r'[^a-z0-9]+', '_', message.lower()).strip('_')}"
%>\
"""${message[:1].upper()}${message[1:].rstrip(".")}."""

from migrations import settings, sql_file

revision = ${quoted(up_revision)}
down_revision = ${quoted(down_revision)}
branch_labels = ${quoted(branch_labels)}
depends_on = ${quoted(depends_on)}


def upgrade() -> None:
    settings.hand_to_script()
    sql_file.run("${script}.sql")


def downgrade() -> None:
    settings.hand_to_script()
    sql_file.run("${script}_down.sql")
