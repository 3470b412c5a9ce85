"""What does not get the new columns by itself (column lists of publications, GRANTs), and the statements for it."""

from collections.abc import Iterator

import pytest
from sqlalchemy.exc import ProgrammingError

from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from steps.support.postgres.psql import run_file
from steps.support.postgres.server import Server, connect
from steps.support.product import META_ADS
from tests.live.replication import NoReplicationError, Replication
from tests.live.shapes import build, rows

LISTED = "patients (id, tenant_id, phone_number, first_name)"
ADDED = ", ".join(META_ADS.columns)
# Not SET TABLE, which would leave the publication's other tables out.
LIST_MORE = (
    "BEGIN; ALTER PUBLICATION {name} DROP TABLE patients; "
    f"ALTER PUBLICATION {{name}} ADD TABLE {LISTED.removesuffix(')')}, {ADDED}); COMMIT"
)
GRANT = f"GRANT SELECT ({ADDED}) ON patients TO meta_ads_reports"
INSERT = (
    "INSERT INTO patients (tenant_id, phone_number, first_name, meta_ad_id) VALUES (1, '{phone}', 'Lucía', '12020')"
)
ARRIVED = "SELECT acquisition_source, meta_ad_id FROM patients WHERE phone_number = '{phone}'"


def migrate(*databases: Database) -> None:
    for database in databases:
        outcome = run_file(database, META_ADS.script)
        assert outcome.succeeded, outcome.error()


@pytest.fixture
def subscriber(pool: Pool, seeded: Database) -> Iterator[Database]:
    fresh = pool.clone(seeded, "subscriber")
    yield fresh
    pool.drop(fresh)


@pytest.fixture
def by_list(server: Server, database: Database, subscriber: Database) -> Iterator[Replication]:
    """Patients by a list of four columns, from `database` to `subscriber`."""
    if server.major < 15:
        pytest.skip(f"Postgres {server.major} publishes whole tables alone")
    try:
        replication = Replication(database, subscriber, LISTED)
    except NoReplicationError as error:
        pytest.skip(f"no replication here: {error}")
    yield replication
    replication.close()


def test_a_list_of_columns_goes_on_without_the_new_ones(
    by_list: Replication, database: Database, subscriber: Database
) -> None:
    """The origin may even go first: what is not published is not missed."""
    worker = by_list.worker()
    for target, phone in ((database, "+1"), (subscriber, "+2")):
        migrate(target)
        build(database, INSERT.format(phone=phone))
        by_list.wait_until_received()
    assert by_list.worker() == worker
    assert rows(subscriber, ARRIVED.format(phone="+2")) == [("ORGANIC", None)]

    build(database, LIST_MORE.format(name=by_list.name), INSERT.format(phone="+3"))
    by_list.wait_until_received()
    assert rows(subscriber, ARRIVED.format(phone="+3")) == [("ORGANIC", "12020")]
    assert by_list.worker() == worker
    # What was written meanwhile arrives when the row is written again.
    build(database, "UPDATE patients SET meta_ad_id = meta_ad_id WHERE phone_number = '+2'")
    by_list.wait_until_received()
    assert rows(subscriber, ARRIVED.format(phone="+2")) == [("ORGANIC", "12020")]


def test_who_may_read_by_column_may_not_read_the_new_ones(server: Server, database: Database) -> None:
    with connect(server.url) as connection:
        connection.exec_driver_sql("CREATE ROLE meta_ads_reports BYPASSRLS")
    try:
        build(database, "GRANT SELECT (id, first_name) ON patients TO meta_ads_reports")
        migrate(database)
        reads = f"SET ROLE meta_ads_reports; SELECT {ADDED} FROM patients LIMIT 1"
        with pytest.raises(ProgrammingError, match="permission denied"):
            rows(database, reads)
        build(database, GRANT)
        assert len(rows(database, reads)) == 1
    finally:
        build(database, "DROP OWNED BY meta_ads_reports")
        with connect(server.url) as connection:
            connection.exec_driver_sql("DROP ROLE meta_ads_reports")
