"""Makes a database with a product's schema and dumps of it in every format a rehearsal takes."""

import gzip
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from steps.support.postgres.database import Database, Pool
from steps.support.postgres.embedded import client
from steps.support.postgres.server import Server

SCHEMA = Path(__file__).with_name("product_schema.sql")
FORMATS = ("plain.sql", "custom.dump", "directory", "archive.tar", "plain.sql.gz", "plain.sql.zst")


@contextmanager
def product(server: Server, patients: int) -> Iterator[Database]:
    """A database with the product's tables and so many patients; gone afterwards, roles and all."""
    pool = Pool(server)
    database = pool.create("product")
    try:
        with database.connect() as connection:
            connection.exec_driver_sql(SCHEMA.read_text(encoding="utf-8") % {"patients": patients},
                                       execution_options={"no_parameters": True})  # fmt: skip
        yield database
    finally:
        pool.drop(database)
        with Database(server.url).connect() as connection:
            connection.exec_driver_sql("DROP ROLE product_app; DROP ROLE product_reporting")


def dump(database: Database, folder: Path, name: str) -> Path:
    """A dump in the format its name says."""
    import zstandard

    target = folder / name
    if name.endswith((".gz", ".zst")):
        source = dump(database, folder, target.stem)
        opened: Any = gzip.open(target, "wb", 1) if name.endswith(".gz") else zstandard.open(target, "wb")  # noqa: SIM115
        with source.open("rb") as content, opened as packed:
            shutil.copyfileobj(content, packed)
        return target
    kind = {"plain.sql": "plain", "custom.dump": "custom", "directory": "directory", "archive.tar": "tar"}[name]
    if not target.exists():
        command = [client("pg_dump"), f"--format={kind}", f"--file={target}", f"--dbname={database.libpq_url()}"]
        subprocess.run([*command, *(["--jobs=2"] if kind == "directory" else [])], check=True)
    return target
