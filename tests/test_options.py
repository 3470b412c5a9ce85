from pathlib import Path

import pytest
from sqlalchemy.engine import URL

from steps.support.harness.errors import OptionError
from steps.support.harness.options import MEANINGS, SCRIPT, Options, parse


def test_nothing_given_is_the_defaults() -> None:
    assert parse({}) == Options(postgres="auto", keep="never", migration=SCRIPT)


def test_every_option_is_read(tmp_path: Path) -> None:
    script = tmp_path / "candidate.sql"
    script.touch()
    copy = tmp_path / "copy.dump"
    copy.touch()
    options = parse({"postgres": "postgres://u:p@h/d", "image": "postgres:16", "patients": "17", "keep": "failed",
                     "migration": str(script), "snapshot": str(copy)})  # fmt: skip
    assert isinstance(options.postgres, URL)
    assert options.postgres.drivername == "postgresql+psycopg2"
    assert (options.image, options.patients, options.keep) == ("postgres:16", 17, "failed")
    assert options.migration == script
    assert options.snapshot == copy


def test_an_unknown_name_is_answered_with_the_list() -> None:
    with pytest.raises(OptionError, match="No such option: -D patient") as refusal:
        parse({"patient": "3"})
    assert all(f"-D {name}" in str(refusal.value) for name in MEANINGS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("postgres", "oracle"), ("postgres", "mysql://h/d"), ("postgres", "postgres://ana:s3cret@h"), ("image", ""),
        ("image", "a b"), ("patients", "3"), ("patients", "-3"), ("patients", "many"), ("keep", "yes"),
        ("migration", "no/such.sql"), ("snapshot", "no/such.dump"), ("snapshot", "postgres://ana:s3cret@h"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_refused_with_the_right_ones(name: str, value: str) -> None:
    with pytest.raises(OptionError, match=f"-D {name}") as refusal:
        parse({name: value})
    assert "s3cret" not in str(refusal.value)
