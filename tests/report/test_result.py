"""`-D result` and `-D previous`: a run kept as JSON, and what changed since, on a page, a terminal and GitHub."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from steps.support.product import META_ADS
from steps.support.report import github, informe, result
from steps.support.report.changes import changes
from steps.support.report.kept import Ended, Result
from steps.support.report.model import About, Chapter, Run, Scenario
from steps.support.report.status import Failure, State
from steps.support.report.step import Step
from tests.report.conftest import run
from tests.report.dom import parse
from tests.report.soundness import problems
from tests.running import behave

P, F = State.PASSED, State.FAILED


def a_run(**endings: State) -> Run:
    scenarios = [
        Scenario(title, "f", line, state, [Step("Then", "y", 2, state, failure=Failure("No es."))] * state.bad,
                 subject=META_ADS.name, all_tags=frozenset({"req-datos"}))
        for line, (title, state) in enumerate(endings.items())
    ]  # fmt: skip
    return Run([Chapter("f", scenarios)], About(subjects=(META_ADS,)), datetime(2026, 1, 2, tzinfo=UTC), 1.0)


def since(now: Run, before: Run, folder: Path) -> Run:
    """A run compared with another, as the files have it."""
    kept = folder / "kept.json"
    kept.write_text(json.dumps(result.as_json(before)), encoding="utf-8")
    return replace(now, about=replace(now.about, previous=result.read(kept)))


BEFORE = {"a": P, "b": F, "c": P, "gone": P}
NOW = {"a": F, "b": P, "c": P, "d": P}


def test_a_run_reads_back_as_it_was_kept(tmp_path: Path) -> None:
    compared = since(a_run(), a_run(a=F, b=P), tmp_path)
    assert compared.about.previous == Result(
        datetime(2026, 1, 2, tzinfo=UTC), [Ended("a", "f:0", F, "No es"), Ended("b", "f:1", P)]
    )


def test_what_changed_is_four_short_lists(tmp_path: Path) -> None:
    compared = since(a_run(**NOW), a_run(**BEFORE), tmp_path)
    page = parse(informe.page(compared))
    assert problems(page) == []
    section = next(one for one in page.all("section") if one.attributes["aria-labelledby"] == "cambios")
    assert section.one("h2").words == "Qué cambió desde la corrida del 2 de enero de 2026, 00:00 (UTC)"
    assert [(title.words, items.words) for title, items in zip(section.all("h3"), section.all("ul"), strict=True)] == [
        ("Ahora fallan", "✗ a falla: No es"), ("Ahora pasan", "✓ b pasa"), ("Nuevos", "✓ d pasa"),
        ("Ya no están", "✓ gone pasa"),
    ]  # fmt: skip
    assert "- **Ahora fallan**: a\n" in github.summary(compared)


def test_what_is_written_and_was_not_selected_is_not_gone(tmp_path: Path) -> None:
    compared = replace(since(a_run(a=P), a_run(a=P, b=P, c=P), tmp_path), known=frozenset({("f", "a"), ("f", "b")}))
    found = changes(compared, [])
    assert found
    assert [one.title for one in found.gone] == ["c"]
    elsewhere = changes(replace(compared, known=frozenset({("g", "a")})), [])
    assert elsewhere
    assert elsewhere.gone == [], "of a file that was not read nothing is known"


def test_nothing_is_said_of_what_did_not_change(tmp_path: Path) -> None:
    assert "Qué cambió" not in informe.page(a_run(**NOW))
    same = informe.page(since(a_run(**NOW), a_run(**NOW), tmp_path))
    assert "Nada: cada escenario terminó como entonces." in same
    assert "Ahora fallan" not in same


def test_many_that_fail_by_one_cause_take_one_line(tmp_path: Path) -> None:
    names = [f"s{chr(97 + n)}" for n in range(20)]
    page = parse(informe.page(since(a_run(**dict.fromkeys(names, F)), a_run(**dict.fromkeys(names, P)), tmp_path)))
    assert page.one("ul", class_="changed").words == "✗ sa falla y 19 más: No es"


def test_from_the_command_line(tmp_path: Path) -> None:
    kept, page = tmp_path / "new" / "kept.json", tmp_path / "i.html"
    first = run(tmp_path, "-D", f"result={kept}", "features/c_broken.feature")
    assert first.returncode == 1
    told = json.loads(kept.read_text(encoding="utf-8"))
    assert list(told) == [
        "format", "title", "began", "seconds", "postgres", "scripts", "verdict", "requirements", "causes",
        "rehearsals", "scenarios",
    ]  # fmt: skip
    assert told["scenarios"] == [
        {"title": "Nunca empieza", "place": "features/c_broken.feature:5", "state": "not_run", "cause": ""}
    ]
    options = ["-D", f"previous={kept}", "-D", f"result={kept}", "-f", "informe", "-o", str(page), "-f", "consola"]
    second = run(tmp_path, *options, "-n", "Pasa bajo la regla", "features/a_constructs.feature")
    assert "\nNew: 1\n  features/a_constructs.feature:48 Pasa bajo la regla\n" in second.stdout
    assert "Ya no están" not in page.read_text(encoding="utf-8"), "what this run did not select is not gone"
    assert "Pasa bajo la regla" in kept.read_text(encoding="utf-8"), "the file is read before it is written"


@pytest.mark.parametrize(
    ("text", "said"), [(None, "No such file for -D previous"), ("{}", "no result of this suite"), ("", "no result")]
)
def test_what_is_no_result_is_refused_before_anything_starts(text: str | None, said: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    if text is not None:
        kept.write_text(text, encoding="utf-8")
    done = behave("-D", f"previous={kept}")
    assert done.returncode == 1
    assert said in done.stdout
    assert "Scenario" not in done.stdout
    if text is not None:
        with pytest.raises(ValueError, match="no result"):
            result.read(kept)
