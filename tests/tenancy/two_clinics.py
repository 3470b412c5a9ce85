"""Two clinics whose patients cannot be mistaken for each other's, and how to see a leak."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.orm import DeclarativeBase, Session

from orchestrator_service.db.tenancy import TenantOwned
from steps.support.postgres.database import Database

NORTH, SOUTH = 2, 3
UNKNOWN = 99
COUNTED = "how many"  # the label of a count of patients
OURS = range(11, 15)
THEIRS = range(1001, 1005)
PLANT = f"""
DELETE FROM patients;
INSERT INTO patients (id, tenant_id, phone_number, first_name, notes)
SELECT id, {NORTH}, 'n' || id, 'north', 'north ' || id FROM generate_series(11, 14) AS id;
INSERT INTO patients (id, tenant_id, phone_number, first_name, notes)
SELECT id, {SOUTH}, 's' || id, 'south', 'south ' || id FROM generate_series(1001, 1004) AS id;
INSERT INTO appointments (patient_id, starts_at) SELECT id, now() FROM patients;
UPDATE tenants SET owner_email = CASE id WHEN 2 THEN 'north' ELSE 'south ' || id END;
"""
DIGEST = """
SELECT (SELECT md5(string_agg(p::text, '|' ORDER BY id)) FROM patients AS p WHERE tenant_id <> {but})
    || (SELECT md5(string_agg(t::text, '|' ORDER BY id)) FROM tenants AS t WHERE id <> {but})
"""


def plant(database: Database) -> None:
    """Four patients in each of two clinics, told apart by every column."""
    with database.connect() as connection:
        connection.execute(text(PLANT))


def their_digest(session: Session) -> str:
    """What the other clinics' rows are now."""
    return digest(session, but=NORTH)


def digest(session: Session, but: int = 0) -> str:
    """What the rows of all clinics but one are now, as the session's transaction sees them, past every guard."""
    # The driver's own cursor, as the login: neither SQLAlchemy's events nor the policies see it.
    cursor = Session.connection(session).connection.cursor()
    cursor.execute("SELECT current_setting('role'), set_config('role', 'none', true)")
    role: Any = cursor.fetchone()
    cursor.execute(DIGEST.format(but=but))
    row: Any = cursor.fetchone()
    cursor.execute(f"SET LOCAL ROLE {role[0]}")
    cursor.close()
    return str(row[0])


def theirs(found: object) -> list[object]:  # noqa: PLR0911
    """The values in a result that only the other clinic has."""
    if isinstance(found, TenantOwned):
        return [found.tenant_id] if found.tenant_id != NORTH else []
    if isinstance(found, DeclarativeBase):
        return _among(vars(found).values())
    if isinstance(found, str):
        return [found] if "south" in found else []
    if isinstance(found, int):
        return [found] if found in THEIRS else []
    if isinstance(found, Row) and found[:1] == (COUNTED,) and found[1] > len(OURS):
        return [found[1]]
    if isinstance(found, Row | list | tuple | set):
        return _among(found)
    return []


def _among(values: Iterable[object]) -> list[object]:
    return [leak for value in values for leak in theirs(value)]
