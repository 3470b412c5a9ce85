"""A patient as backend uses it: what is written is read back, on a new connection, to the letter."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, NullPool, create_engine, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from orchestrator_service.db import storable
from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.tenancy import AgainstForgettingOnlySession, CrossTenantError, UnstorableValueError
from steps.support.postgres.database import Database
from tests.tenancy.two_clinics import NORTH

FIVE = ("acquisition_source", "meta_campaign_id", "meta_ad_id", "meta_ad_headline", "meta_ad_body")
TEXTS = [
    "", " ",
    "🦷👩🏽‍⚕️", "\u200fعيادة الأسنان\u200f שן", "e\u0301 é", "'\"«»",
    "\\ \\N \\x00 \\u0000", "% %s %(a)s %%",
    "'; DROP TABLE patients; --",
    "$1 $$ :name {x}", "a\nb\r\nc\td", "NULL", "x" * 100_000, "🦷" * 25_000, "\ufeff\ufffd",
]  # fmt: skip
DIGITS = "00120208466731130123120208466731130123"
BAD = {
    "NUL": ("an\0uncio", "NUL character at position 2"),
    "surrogate": ("a\ud83e", "lone surrogate at position 1"),
    "int": (120208466731140456, "got int: give the digits as str"),
    "float": (1.2e17, "got float"),
    "bool": (True, "got bool"),
}


@pytest.fixture
def engine(open_engine: Engine) -> Engine:
    """What is stored is the same with row security and without; NORTH has four."""
    return open_engine


@pytest.fixture
def fresh(migrated: Database) -> Engine:
    """An engine whose every connection is new."""
    return create_engine(migrated.url, poolclass=NullPool)


def _save(engine: Engine, **values: Any) -> int:
    with AgainstForgettingOnlySession(engine, tenant_id=NORTH) as session:
        patient = Patient(phone_number="+549110000", first_name="Lucía", **values)
        session.add(patient)
        session.commit()
        return patient.id


def _read(engine: Engine, number: int) -> Patient:
    with AgainstForgettingOnlySession(engine, tenant_id=NORTH) as session:
        return session.get_one(Patient, number)


@pytest.mark.parametrize("value", TEXTS, ids=range(len(TEXTS)))
def test_every_text_is_read_back(fresh: Engine, value: str) -> None:
    saved = _read(fresh, _save(fresh, **dict.fromkeys(FIVE, value)))
    assert [getattr(saved, name) for name in FIVE] == [value] * 5


def test_any_text_is_read_back_or_refused(engine: Engine) -> None:
    refused = 0

    @settings(max_examples=300, derandomize=True, deadline=None, database=None)
    @given(st.text(st.characters(codec=None) | st.sampled_from("\0\ud83e")))
    def holds(value: str) -> None:
        nonlocal refused
        storable = "\0" not in value and not any("\ud800" <= sign <= "\udfff" for sign in value)
        with AgainstForgettingOnlySession(engine, tenant_id=NORTH) as session:
            session.add(patient := Patient(phone_number="any", first_name="a", meta_ad_body=value))
            if storable:
                session.flush()
                session.refresh(patient)
                assert patient.meta_ad_body == value
            else:
                refused += 1
                with pytest.raises(UnstorableValueError, match="meta_ad_body"):
                    session.flush()

    holds()
    assert refused > 0


def test_null_and_organic_are_both_kept(fresh: Engine) -> None:
    assert _read(fresh, _save(fresh, acquisition_source=None)).acquisition_source is None
    with AgainstForgettingOnlySession(fresh, tenant_id=NORTH) as session:
        session.add(patient := Patient(phone_number="2", first_name="b"))
        session.commit()
        number = patient.id
    assert _read(fresh, number).acquisition_source == "ORGANIC"


def test_attribution_alone_changes_and_alone_stays(fresh: Engine) -> None:
    number = _save(fresh, notes="before", meta_ad_id=DIGITS)
    with AgainstForgettingOnlySession(fresh, tenant_id=NORTH) as session:
        session.get_one(Patient, number).acquisition_source = "META_ADS"
        session.commit()
    with AgainstForgettingOnlySession(fresh, tenant_id=NORTH) as session:
        session.get_one(Patient, number).notes = "after"
        session.commit()
    saved = _read(fresh, number)
    assert (saved.acquisition_source, saved.meta_ad_id, saved.notes) == ("META_ADS", DIGITS, "after")


@pytest.mark.parametrize("kind", BAD)
@pytest.mark.parametrize("name", FIVE)
def test_what_cannot_be_stored_is_refused_and_the_session_goes_on(engine: Engine, kind: str, name: str) -> None:
    value, said = BAD[kind]
    with AgainstForgettingOnlySession(engine, tenant_id=NORTH) as session:
        session.add(Patient(phone_number="1", first_name="a", **{name: value}))
        with pytest.raises(UnstorableValueError, match=rf"{name} \(row 1\) .*{said}.*; nothing was sent") as refusal:
            session.flush()
        assert str(value) not in str(refusal.value)
        session.rollback()
        session.add(Patient(phone_number="1", first_name="a"))
        session.flush()


def test_wherever_it_is_given(engine: Engine) -> None:
    ways: list[Any] = [
        select(Patient).where(Patient.meta_ad_id.in_(["1", "2\0"])),
        update(Patient).values(notes="\0"),
        insert(Patient).values([{"phone_number": "1", "first_name": "a"}, {"phone_number": "2", "first_name": "\0"}]),
        insert(Patient).values(phone_number="1", first_name="a", medical_history={"k": ["\ud800"]}),
        insert(Patient).values(phone_number="1", first_name="a", medical_history={"\0": 1}),
    ]
    with AgainstForgettingOnlySession(engine, tenant_id=NORTH) as session:
        for statement in ways:
            with pytest.raises(UnstorableValueError):
                session.execute(statement)
        assert session.scalar(select(func.count()).select_from(Patient)) == 4


def test_without_that_guard_the_number_becomes_text_unseen(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storable, "check", lambda *_: None)
    with AgainstForgettingOnlySession(engine, tenant_id=NORTH) as session:
        session.add(patient := Patient(phone_number="1", first_name="a", meta_ad_id=1202084667311404561230))
        session.flush()
        session.refresh(patient)
        assert patient.meta_ad_id == "1202084667311404561230"


def test_ten_thousand_at_once(fresh: Engine) -> None:
    rows = [{"phone_number": f"+{i}", "first_name": "a", "meta_ad_id": f"{DIGITS}{i}"} for i in range(10_000)]
    with AgainstForgettingOnlySession(fresh, tenant_id=NORTH) as session:
        session.execute(insert(Patient), rows)
        session.commit()
    with AgainstForgettingOnlySession(fresh, tenant_id=NORTH) as session:
        found = session.execute(select(Patient.phone_number, Patient.meta_ad_id).where(Patient.first_name == "a"))
        assert {(row.phone_number, row.meta_ad_id) for row in found} == {
            (row["phone_number"], row["meta_ad_id"]) for row in rows
        }


@pytest.mark.parametrize("bad", [{"phone_number": "taken"}, {"first_name": "\0"}, {"tenant_id": 3}])
def test_ten_thousand_with_one_bad_leave_nothing(fresh: Engine, bad: dict[str, Any]) -> None:
    rows: list[dict[str, Any]] = [{"phone_number": f"+{i}", "first_name": "a"} for i in range(10_000)]
    rows[9_990].update(bad)
    rows[9_000]["phone_number"] = "taken"
    with AgainstForgettingOnlySession(fresh, tenant_id=NORTH) as session:
        before = session.scalar(select(func.count()).select_from(Patient))
        session.commit()
        with pytest.raises((IntegrityError, UnstorableValueError, CrossTenantError)):
            session.execute(insert(Patient), rows)
        session.rollback()
        assert session.scalar(select(func.count()).select_from(Patient)) == before
        session.add(Patient(phone_number="after", first_name="b"))
        session.commit()


def test_objects_as_many_keep_their_ids(fresh: Engine) -> None:
    with AgainstForgettingOnlySession(fresh, tenant_id=NORTH) as session:
        people = [Patient(phone_number=f"o{i}", first_name="o", meta_ad_id=str(i)) for i in range(1_000)]
        session.add_all(people)
        session.commit()
        assert [person.tenant_id for person in people] == [NORTH] * 1_000
        with fresh.connect() as connection:
            stored = connection.execute(text("SELECT id, meta_ad_id FROM patients WHERE first_name = 'o'"))
            assert {(person.id, person.meta_ad_id) for person in people} == {(row.id, row.meta_ad_id) for row in stored}


def test_the_list_of_origins_is_open(engine: Engine) -> None:
    for origin in ("META_ADS", "Meta_Ads", "REFERRAL", "", None):
        with AgainstForgettingOnlySession(engine, tenant_id=NORTH) as session:
            session.add(patient := Patient(phone_number="open", first_name="a", acquisition_source=origin))
            session.flush()
            session.refresh(patient)
            assert patient.acquisition_source == origin
