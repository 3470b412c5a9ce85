"""What reports are made of: failures in their parts, redaction, pictures, attachments, dates."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from behave.model_type import Status
from steps.support.harness.report.svg import safe_svg

from steps.support.harness import spanish
from steps.support.harness.attachable import SQL, Figure, Figures
from steps.support.harness.options import ROOT
from steps.support.harness.redaction import redacted
from steps.support.harness.report import informe, terminal
from steps.support.harness.report.attachments import LARGEST, LONGEST, shown
from steps.support.harness.report.failures import of_assertion, of_hook, of_step
from steps.support.harness.report.status import Comparison, Failure
from steps.support.harness.report.step import Attachment

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'


def test_an_assertion_comes_apart_into_what_was_compared() -> None:
    failure = of_assertion(
        "No es.\n  a\n    esperado: 1\n    obtenido: 2\n      y más\n  suelto\n  esperado: x\n  obtenido: y"
    )
    assert failure == Failure(
        "No es.",
        [Comparison("2\ny más", "1", "a"), Comparison("y", "x")],
        "  suelto",
    )


@pytest.mark.parametrize(
    ("message", "comparisons", "findings"),
    [
        ("S.\n  obtenido: 2", [Comparison("2", labels=("", "obtenido"))], ""),
        ("S.\n  antes: 1\n  ahora: 2", [Comparison("2", "1", labels=("antes", "ahora"))], ""),
        ("S.\n  esperado: 1", [Comparison("1", labels=("", "esperado"))], ""),
        (
            "S.\n  esperado: 1\n  obtenido: 2\n  esperado: 3\n  obtenido: 4",
            [Comparison("2", "1"), Comparison("4", "3")],
            "",
        ),
        ("S.\n  uno\n  dos", [], "  uno\n  dos"),
        ("S.", [], ""),
    ],
)
def test_every_form_of_a_failure_is_understood(message: str, comparisons: list[Comparison], findings: str) -> None:
    assert of_assertion(message) == Failure("S.", comparisons, findings)


def test_an_assertion_without_words_is_known_as_such() -> None:
    assert of_assertion("") is None


def test_sqlalchemys_statement_is_for_the_trace() -> None:
    error = RuntimeError(
        "(x) null value\nDETAIL:  Failing row contains (7, Ana).\n\n[SQL: INSERT …]\n(Background on …)"
    )
    failure = of_step(SimpleNamespace(status=Status.error, hook_failed=False, exception=error))
    assert failure
    assert failure.subject == "RuntimeError: (x) null value"
    assert failure.findings == "  DETAIL:  Failing row contains (…)."
    assert "[SQL: INSERT" in failure.trace


def test_a_trace_on_the_terminal_has_our_calls_alone() -> None:
    here = ROOT / "steps" / "x.py"
    trace = "".join(f'  File "{file}", line 3, in f\n    call()\n' for file in (here, "/usr/lib/y.py", "<generated z>"))
    assert terminal._last_calls(trace) == "steps/x.py:3 in f: call()"


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


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>", "<style>@import 'x'</style>", "<foreignObject><p/></foreignObject>",
        '<path onclick="x()"/>', '<use href="https://example.org/#a"/>', '<path fill="url(https://example.org)"/>',
        '<a href="javascript:x()"><path/></a>', "<image href='x.png'/>",
    ],
)  # fmt: skip
def test_a_picture_keeps_nothing_that_acts_or_leaves(inside: str) -> None:
    markup = safe_svg(SVG.format(inside)).markup
    for word in ("script", "style", "foreign", "onclick", "example.org", "javascript", "<image"):
        assert word not in markup


def test_two_pictures_do_not_share_ids() -> None:
    one, other = (safe_svg(SVG.format(f'<g id="a"/><use href="#a" fill="url(#a)" width="{n}"/>')).markup for n in "12")
    first = one.split('id="')[1].split('"')[0]
    assert first not in other
    assert f'href="#{first}"' in one
    assert f'fill="url(#{first})"' in one


@pytest.mark.parametrize(
    "text", ["", "<p/>", "<svg/>", "<svg", '<!DOCTYPE x [<!ENTITY a "b">]>' + SVG, SVG.format("x" * 99_999)]
)
def test_what_is_no_picture_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        safe_svg(text)


def test_figures_are_read_as_they_were_written() -> None:
    figures = Figures("Ensayo", [Figure("a", "1 ms", "nota")])
    assert Figures.from_bytes(figures.to_bytes()) == figures
    assert shown(Attachment(Figures.MIME, figures.to_bytes())).figures == figures


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"title": "x", "figures": [{"other": 1}]}', b"\xff"])
def test_figures_of_another_shape_are_said_to_be_unreadable(data: bytes) -> None:
    assert shown(Attachment(Figures.MIME, data)).title == "Adjunto que no se pudo leer"


def test_large_attachments_are_cut_or_only_named() -> None:
    text = shown(Attachment(SQL, "\n".join(f"SELECT {n}" for n in range(9_999)).encode())).text
    assert len(text) < LONGEST + 50
    assert text.endswith("SELECT 9998")
    assert shown(Attachment("image/png", b"x" * (LARGEST + 1))).image == ""


def test_attached_text_is_redacted() -> None:
    assert "s3cret" not in shown(Attachment("text/plain", b"postgresql://ana:s3cret@h")).text


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
