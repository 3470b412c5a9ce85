"""Strategies for statements that write: INSERT, UPDATE, DELETE and upserts, ORM and Core, right and wrong."""

from typing import Any

from hypothesis import strategies as st
from sqlalchemy import delete, func, insert, literal, select, text, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.orm import aliased

from tests.tenancy.models import Clinic, Person
from tests.tenancy.queries import TABLE, conditions
from tests.tenancy.two_clinics import NORTH, OURS, SOUTH, THEIRS

CLINICS: Any = Clinic.__table__
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
    if draw(st.booleans()):
        change = change.execution_options(schema_translate_map={None: "public"})
    return (
        select(change.returning(columns.id).cte())
        if draw(st.booleans())
        else change.returning(columns.id, columns.notes)
    )


@st.composite
def of_tenants(draw: st.DrawFn) -> Any:
    """What is done to the clinics themselves."""
    number = draw(st.sampled_from([NORTH, SOUTH]))
    ways: list[Any] = [
        delete(Clinic).where(Clinic.id == number), delete(Clinic), delete(CLINICS),
        update(Clinic).values(owner_email="changed"), update(Clinic).where(Clinic.id == SOUTH).values(owner_email="x"),
        update(Clinic).values(id=77), update(CLINICS).values(owner_email=Person.notes),
        text("DELETE FROM tenants"), text("UPDATE tenants SET owner_email = 'x'"),
        text("WITH gone AS (DELETE FROM tenants RETURNING *) SELECT owner_email FROM gone"),
        text("MERGE INTO tenants USING (VALUES (3)) v(id) ON v.id = tenants.id WHEN MATCHED THEN DELETE"),
    ]  # fmt: skip
    return draw(st.sampled_from(ways))


@st.composite
def copies(draw: st.DrawFn) -> Any:
    """Rows of one table written from rows of the same table."""
    names = ["phone_number", "first_name", "notes", "tenant_id"]
    source: Any = draw(st.sampled_from([Person, TABLE.c]))
    taken = select(
        source.phone_number + "!", source.first_name, source.notes, literal(draw(st.sampled_from([NORTH, SOUTH])))
    )
    copied = upsert(TABLE).from_select(names, taken)
    ways: list[Any] = [
        copied.on_conflict_do_update(index_elements=["tenant_id", "phone_number"], set_={"notes": "x"}, where=TABLE.c.tenant_id == SOUTH),  # noqa: E501
        copied.on_conflict_do_nothing(), copied.returning(TABLE.c.notes), copied,
        insert(Person).values(phone_number="y", first_name="y", tenant_id=literal(SOUTH) + 0).returning(
            literal(NORTH).label("tenant_id")),
        insert(TABLE).values(phone_number="z", first_name="z", tenant_id=select(func.max(TABLE.c.tenant_id)).scalar_subquery()),  # noqa: E501
    ]  # fmt: skip
    made = draw(st.sampled_from(ways))
    return made.execution_options(schema_translate_map={None: "public"}) if draw(st.booleans()) else made


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
