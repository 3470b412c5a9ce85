"""What a script says while it runs (it waits, for whom, what it did), shown as it says it."""

import logging

from psycopg2.extensions import set_wait_callback
from psycopg2.extras import wait_select
from sqlalchemy import Connection

log = logging.getLogger("migrations")


class _ToLog:
    """The one method psycopg2 calls on whatever takes a connection's notices."""

    def append(self, notice: str) -> None:
        """Log a notice, without the severity in front."""
        log.info(notice.split(":", 1)[-1].strip())


def set_up_logging() -> None:
    """For the command line: Alembic's steps and the scripts' notices on standard error, as they come.

    psycopg2 hands notices over only when a statement has ended, unless it waits through a callback.
    """
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    log.setLevel(logging.INFO)
    steps = logging.getLogger("alembic.runtime.migration")
    steps.setLevel(logging.INFO)
    steps.addFilter(lambda record: record.getMessage().startswith("Running"))
    # It prints an error and logs it as well; once is enough.
    logging.getLogger("alembic.util.messaging").setLevel(logging.CRITICAL)
    set_wait_callback(wait_select)


def show(connection: Connection) -> None:
    """Log this connection's notices."""
    driver = connection.connection.driver_connection
    assert driver
    driver.notices = _ToLog()
