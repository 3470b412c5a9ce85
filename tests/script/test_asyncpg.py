"""asyncpg prepares every statement: a list of columns survives the migration, a star fails once by its SQLSTATE."""

import asyncio

import pytest
from psycopg2.errorcodes import FEATURE_NOT_SUPPORTED

from steps.support.postgres.database import Database
from steps.support.postgres.psql import run_file
from steps.support.product import META_ADS

asyncpg = pytest.importorskip("asyncpg")

LISTED = "SELECT id, first_name FROM patients ORDER BY id LIMIT 1"
STAR = "UPDATE patients SET tenant_id = tenant_id WHERE id = 1 RETURNING *"


def test_a_list_of_columns_survives_and_a_star_fails_once(database: Database) -> None:
    async def work() -> list[str]:
        connection = await asyncpg.connect(database.driver_dsn())
        said = []
        for turn in range(3):
            for statement in (LISTED, STAR):
                try:
                    async with connection.transaction():  # outside one asyncpg asks again by itself
                        await connection.fetch(statement)
                except asyncpg.PostgresError as error:
                    said.append(f"{statement} {error.sqlstate}")
            if turn == 0:
                outcome = run_file(database, META_ADS.script)
                assert outcome.succeeded, outcome.error()
        await connection.close()
        return said

    assert asyncio.run(work()) == [f"{STAR} {FEATURE_NOT_SUPPORTED}"]
