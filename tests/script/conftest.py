from collections.abc import Iterator

import pytest

from steps.support.postgres.database import Database
from steps.support.postgres.server import Server, connect


@pytest.fixture
def owner(server: Server, database: Database) -> Iterator[Database]:
    """The lived-in database as its tables' owner sees it: a plain role, without pg_read_all_stats."""
    with database.connect() as connection:
        connection.exec_driver_sql("CREATE ROLE meta_ads_owner LOGIN PASSWORD 'clinic'")
        connection.exec_driver_sql("GRANT CREATE ON SCHEMA public TO meta_ads_owner")
        for table in ("tenants", "patients", "appointments"):
            connection.exec_driver_sql(f"ALTER TABLE {table} OWNER TO meta_ads_owner")
    yield Database(database.url.set(username="meta_ads_owner", password="clinic"))
    with database.connect() as connection:
        connection.exec_driver_sql("REASSIGN OWNED BY meta_ads_owner TO CURRENT_USER")
        connection.exec_driver_sql("DROP OWNED BY meta_ads_owner")
    with connect(server.url) as connection:
        connection.exec_driver_sql("DROP ROLE meta_ads_owner")
