"""What reports are made of: failures in their parts, redaction, pictures, attachments, dates."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from behave.model_type import Status

from steps.support import spanish
from steps.support.attachable import SQL
from steps.support.expect import Comparison, UnmetError
from steps.support.options import ROOT
from steps.support.redaction import redacted
from steps.support.report import informe, terminal
from steps.support.report.attachments import LONGEST, shown
from steps.support.report.failures import of_assertion, of_hook, of_step
from steps.support.report.status import Failure
from steps.support.report.step import Attachment


def test_an_assertion_brings_its_parts_and_says_them_as_text() -> None:
    error = UnmetError(
        "No es.",
        [Comparison("2\ny más", "1", "a"), Comparison("y", "x")],
        ["suelto\n  y más"],
        {"a": "es 2, y se pidió 1"},
    )
    assert of_assertion(error) == Failure(
        "No es.", [*error.comparisons], ("suelto\n  y más",), deviations={"a": "es 2, y se pidió 1"}
    )
    said = "No es.\n  a\n    esperado: 1\n    obtenido: 2\ny más\n  esperado: x\n  obtenido: y\n  suelto\n    y más"
    assert str(error) == said
    failure = of_assertion(error)
    assert failure
    assert failure.text == said


def test_an_assertion_of_anybody_is_a_sentence_and_lines() -> None:
    assert of_assertion(AssertionError("S.\n  uno\n    dos")) == Failure("S.", findings=("uno", "  dos"))


def test_what_an_assertion_compares_is_redacted() -> None:
    failure = of_assertion(UnmetError("S.", [Comparison("postgresql://ana:s3cret@h")], ["password=s3cret"]))
    assert failure
    assert "s3cret" not in failure.text


def test_an_assertion_without_words_is_known_as_such() -> None:
    assert of_assertion(AssertionError()) is None


def test_sqlalchemys_statement_is_for_the_trace() -> None:
    error = RuntimeError(
        "(x) null value\nDETAIL:  Failing row contains (7, Ana).\n\n[SQL: INSERT …]\n(Background on …)"
    )
    failure = of_step(SimpleNamespace(status=Status.error, hook_failed=False, exception=error))
    assert failure
    assert failure.subject == "RuntimeError: (x) null value"
    assert failure.findings == ("DETAIL:  Failing row contains (…).",)
    assert "[SQL: INSERT" in failure.trace


def test_a_trace_on_the_terminal_has_our_calls_alone() -> None:
    here = ROOT / "steps" / "x.py"
    trace = "".join(f'  File "{file}", line 3, in f\n    call()\n' for file in (here, "/usr/lib/y.py", "<generated z>"))
    assert terminal._last_calls(trace) == "steps/x.py:3 in f: call()"


def test_a_hook_of_a_step_is_told_by_what_it_raised() -> None:
    left = {"status": Status.hook_error, "hook_failed": True, "error_message": ""}  # as behave 1.3.3 leaves it
    failure = of_step(SimpleNamespace(**left, exception=RuntimeError("no se pudo dibujar")))
    assert failure
    assert failure.subject == "Lo que acompaña al paso falló: RuntimeError: no se pudo dibujar"


def test_a_hooks_error_without_words_says_so() -> None:
    assert of_hook(None).subject == "Falló un gancho, y no dice más."


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        ("postgresql://ana:s3cret@h/d", "postgresql://ana:***@h/d"),
        ("host=h password=s3cret user=u", "host=h password=*** user=u"),
        ("DETAIL:  Failing row contains (7, Ana, +54911).", "DETAIL:  Failing row contains (…)."),
        (
            "Key (tenant_id, phone_number)=(1, +54911) already exists.",
            "Key (tenant_id, phone_number)=(…) already exists.",
        ),
        ("[parameters: {'first_name': 'Ana'}]", "[parameters: …]"),
        ("postgresql:///d?host=/tmp", "postgresql:///d?host=/tmp"),
    ],
)
def test_secrets_and_rows_are_taken_out(text: str, becomes: str) -> None:
    assert redacted(text) == becomes


def test_a_refusal_of_postgres_begins_in_spanish() -> None:
    orig = SimpleNamespace(pgcode="23502")
    error = RuntimeError('null value in column "a" violates not-null constraint')
    error.orig = orig  # type: ignore[attr-defined]
    failure = of_step(SimpleNamespace(status=Status.error, hook_failed=False, exception=error))
    assert failure
    assert failure.subject == "Una columna no acepta quedar en blanco."
    assert failure.findings == ('RuntimeError: null value in column "a" violates not-null constraint',)


def test_large_attachments_are_cut() -> None:
    text = shown(Attachment(SQL, "\n".join(f"SELECT {n}" for n in range(9_999)).encode())).text
    assert len(text) < LONGEST + 50
    assert text.endswith("SELECT 9998")


def test_attached_text_is_redacted_and_what_nobody_attaches_is_named() -> None:
    assert "s3cret" not in shown(Attachment(SQL, b"postgresql://ana:s3cret@h")).text
    assert shown(Attachment("image/png", b"x")).text == "image/png, 1 bytes"


@pytest.mark.parametrize(
    ("text", "markup"),
    [
        ("acquisition_source", "acquisition_<wbr>source"),
        ("VARCHAR", "VARCHAR"),
        ("a <b>_c", "a &lt;b&gt;_<wbr>c"),
        ("x" * 40, "x" * 18 + "<wbr>" + "x" * 18 + "<wbr>" + "xxxx"),
        ("_", "_"),
    ],
)
def test_a_cell_breaks_where_a_reader_would(text: str, markup: str) -> None:
    assert informe.breakable(text) == markup


def test_dates_and_durations_are_spanish() -> None:
    assert spanish.date(datetime(2026, 11, 2, 9, 5, tzinfo=UTC)) == "2 de noviembre de 2026, 09:05 (UTC)"
    assert [spanish.duration(s) for s in (0.0041, 0.0994, 0.1, 6.34, 59.96, 125)] == [
        "4 ms", "99 ms", "0,1 s", "6,3 s", "60,0 s", "2 min 5 s",
    ]  # fmt: skip


def test_the_server_is_named_in_spanish() -> None:
    assert spanish.server("container of postgres:18") == "contenedor de postgres:18"
    assert spanish.server("embedded server") == "servidor embebido"
