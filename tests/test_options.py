import re
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from steps.support.errors import OptionError
from steps.support.options import ROOT, Options, parse, takes
from steps.support.postgres import docker
from steps.support.product import META_ADS, PRODUCT

TWO = replace(PRODUCT, subjects=(META_ADS, replace(META_ADS, name="Otra", script=Path("migrations/02_other.sql"))))


def test_nothing_given_is_the_defaults() -> None:
    assert parse({}, PRODUCT) == Options(subject=META_ADS, postgres="auto", keep="never", rows=120, limit=60)


def test_the_table_of_the_docs_has_every_option_and_its_default() -> None:
    docs = (ROOT / "docs" / "qa.md").read_text(encoding="utf-8")
    table = docs.partition("| option |")[2].partition("\n\n")[0]
    assert set(re.findall(r"`-D (\w+)=", table)) == set(takes(PRODUCT))
    assert f"(default `{docker.DEFAULT_IMAGE}`)" in table
    default = parse({}, PRODUCT)
    assert f"(default {default.limit:g})" in table
    assert f"(default {default.rows})" in table


def test_every_option_is_read(tmp_path: Path) -> None:
    script = tmp_path / "candidate.sql"
    script.touch()
    copy = tmp_path / "copy.dump"
    copy.touch()
    found = parse({"postgres": "postgres://u:p@h/d", "limit": "7.5", "patients": "17", "migration": str(script),
                   "snapshot": str(copy)}, PRODUCT)  # fmt: skip
    assert isinstance(found.postgres, URL)
    assert found.postgres.drivername == "postgresql+psycopg2"
    assert (found.limit, found.rows) == (7.5, 17)
    assert found.candidate == script
    assert found.snapshot == copy
    other = parse({"image": "postgres:16", "keep": "failed"}, PRODUCT)
    assert (other.image, other.keep) == ("postgres:16", "failed")


@pytest.mark.parametrize("other", ["embedded", "postgresql://u:p@h/d"])
def test_an_image_for_what_is_no_container_is_refused(other: str) -> None:
    with pytest.raises(OptionError, match="-D image asks for a container, and -D postgres for another server"):
        parse({"postgres": other, "image": "postgres:13"}, PRODUCT)


def test_a_copy_of_real_data_is_never_kept(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="a rehearsal leaves no copy of real data behind"):
        parse({"snapshot": str(tmp_path), "keep": "failed"}, PRODUCT)


def test_the_subject_is_named_as_its_script_is() -> None:
    assert parse({"subject": "02_other"}, TWO).subject == TWO.subjects[1]
    assert parse({"subject": "02_other.sql"}, TWO).subject == TWO.subjects[1]
    with pytest.raises(
        OptionError, match=r"No migration under acceptance is called 03\. There are: 01_meta_ads_columns"
    ):
        parse({"subject": "03"}, TWO)


def test_an_unknown_name_is_answered_with_the_list() -> None:
    with pytest.raises(OptionError, match="No such option: -D patient") as refusal:
        parse({"patient": "3"}, PRODUCT)
    assert all(f"-D {name}" in str(refusal.value) for name in takes(PRODUCT))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("postgres", "oracle"), ("postgres", "mysql://h/d"), ("postgres", "postgres://ana:s3cret@h"), ("image", ""),
        ("image", " "), ("patients", "3"), ("patients", "-3"), ("patients", "1000001"), ("patients", "many"),
        ("keep", "yes"), ("limit", "0"), ("limit", "nan"), ("limit", "long"), ("limit", "86401"),
        ("migration", "no/such.sql"), ("migration", ""), ("migration", "."), ("snapshot", "no/such.dump"),
        ("snapshot", ""),
        ("snapshot", "postgres://ana:s3cret@h"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_the_right_ones(name: str, value: str) -> None:
    with pytest.raises(OptionError, match=f"-D {name}") as refusal:
        parse({name: value}, PRODUCT)
    assert "s3cret" not in str(refusal.value)
