from steps.support.seeds.people import AWKWARD, CLINICS, clinics, patients


def test_the_same_people_every_time() -> None:
    assert list(patients(300)) == list(patients(300))
    assert list(patients(300))[:40] == list(patients(40))


def test_several_clinics_and_every_awkward_patient() -> None:
    people = list(patients(300))
    assert {patient["tenant_id"] for patient in people} == {clinic["id"] for clinic in clinics()}
    assert len(CLINICS) > 3
    assert [patient["first_name"] for patient in people[: len(AWKWARD)]] == [one["first_name"] for one in AWKWARD]


def test_ids_and_phones_are_unique_and_ids_have_gaps() -> None:
    people = list(patients(500))
    ids = [patient["id"] for patient in people]
    assert len(set(ids)) == len({patient["phone_number"] for patient in people}) == 500
    assert ids != list(range(1, 501))
