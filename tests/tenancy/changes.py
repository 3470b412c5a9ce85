"""Strategies for statements that write: INSERT, UPDATE, DELETE and upserts, ORM and Core, right and wrong."""

from typing import Any

from hypothesis import strategies as st
from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased

from tests.tenancy.models import Clinic, Person
from tests.tenancy.queries import TABLE, conditions
from tests.tenancy.two_clinics import NORTH, OURS, SOUTH, THEIRS

TARGETS = st.sampled_from([Person, TABLE])
TENANTS = st.sampled_from([NORTH, SOUTH, None, literal(SOUTH), "3", True])


@st.composite
def updates(draw: st.DrawFn) -> Any:
    """An UPDATE or DELETE of patients, perhaps through a second table, perhaps of tenant_id."""
    target: Any = draw(TARGETS)
    columns: Any = target if target is Person else TABLE.c
    other = aliased(Person)
    values: dict[str, Any] = draw(
        st.sampled_from(
            [{"notes": "changed"}, {"tenant_id": SOUTH}, {"notes": other.notes}, {"notes": Clinic.owner_email}]
        )
    )
    change: Any = draw(st.sampled_from([update(target).values(**values), delete(target), update(Clinic)]))
    if change.table.name == "tenants":
        return change.values(owner_email=Person.notes).where(Person.tenant_id == Clinic.id)
    for condition in draw(st.lists(conditions(columns), max_size=2)):
        change = change.where(condition)
    change = change.where(other.id == columns.id) if draw(st.booleans()) else change
    return (
        select(change.returning(columns.id).cte())
        if draw(st.booleans())
        else change.returning(columns.id, columns.notes)
    )


@st.composite
def inserts(draw: st.DrawFn) -> Any:
    """An INSERT or upsert of patients, with a right, wrong or missing tenant_id."""
    target: Any = draw(TARGETS)
    rows = [draw(_rows(number)) for number in range(draw(st.integers(1, 3)))]
    kind = draw(st.sampled_from(["one", "many", "from a query", "upsert", "upsert by id", "upsert by id", "in a CTE"]))
    if kind == "many":
        return insert(target).values([{"tenant_id": NORTH, **row} for row in rows])
    if kind == "from a query":
        names = draw(st.sampled_from([["phone_number", "first_name"], ["phone_number", "first_name", "tenant_id"]]))
        return insert(target).from_select(names, select(*(getattr(Person, name) for name in names)))
    if kind == "in a CTE":
        created: Any = insert(target).values(**rows[0]).returning(TABLE.c.id).cte()
        return select(created)
    if kind == "one":
        return insert(target).values(**rows[0])
    by_id = kind == "upsert by id"
    taken = {"id": draw(st.sampled_from([OURS[0], *THEIRS]))} if by_id else {}
    changed: Any = draw(st.sampled_from([{"notes": "changed"}, {"tenant_id": SOUTH}]))
    return upsert(target).values(**rows[0], **taken).on_conflict_do_update(
        index_elements=["id"] if by_id else ["tenant_id", "phone_number"], set_=changed
    )  # fmt: skip


@st.composite
def _rows(draw: st.DrawFn, number: int) -> dict[str, Any]:
    row: dict[str, Any] = {
        "phone_number": draw(st.sampled_from([f"new {number}", "n11", "s1001"])),
        "first_name": "new",
    }
    return {**row, "tenant_id": draw(TENANTS)} if draw(st.booleans()) else row
