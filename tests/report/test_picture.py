"""The picture of how long writes took beside a migration, and its words."""

import random
import re
from dataclasses import replace
from pathlib import Path

import pytest

from steps.support.product import META_ADS
from steps.support.report.attachments import shown
from steps.support.report.latency_chart import BINS, PLOT, svg
from steps.support.report.step import Attachment
from steps.support.traffic.latency import Latency, Span, Wait, longest_under_way
from tests.gate.candidates import defect
from tests.report.dom import Node, parse
from tests.report.soundness import problems
from tests.running import behave

MIGRATION = Span("migración", 1.0, 4.0)
HOLDER = Span("un informe largo", 0.5, 3.9)
NONE = Latency([], done=0, seconds=0.05, budget=0.5, failures=8)
ONE = Latency([(0.003, 0.0007)], done=1, seconds=0.02, budget=0.5)
BLOCKED = Latency(
    [(0.2, 0.004), (1.5, 2.5), (4.5, 0.003)], done=3, seconds=5.0, budget=0.5,
    migrations=[MIGRATION], blockers=[HOLDER],
)  # fmt: skip


def many(count: int) -> Latency:
    chance = random.Random(7)
    waits: list[Wait] = [(chance.random() * 60, chance.random() ** 9) for _ in range(count)]
    return Latency(waits, done=count, seconds=60.0, budget=0.5, migrations=[MIGRATION], blockers=[HOLDER])


def drawn(latency: Latency) -> Node:
    """The picture as the report shows it."""
    picture = shown(Attachment("image/svg+xml", svg(latency).encode())).picture
    assert picture
    return parse(picture)


def words(page: Node) -> list[str]:
    return [node.text for node in page.all("text")]


@pytest.mark.parametrize("latency", [NONE, ONE, BLOCKED, many(100_000)], ids=["none", "one", "blocked", "100k"])
def test_the_report_takes_it_whole_however_many_writes(latency: Latency) -> None:
    text = svg(latency)
    assert len(text) < 12_000
    one = shown(Attachment("image/svg+xml", text.encode()))
    assert (one.title, one.text) == (latency.title, latency.account)
    picture = drawn(latency).one("svg", role="img")
    assert picture.attributes["aria-label"] == latency.title


@pytest.mark.parametrize("latency", [NONE, ONE, BLOCKED, many(999)], ids=["none", "one", "blocked", "999"])
def test_nothing_is_drawn_outside(latency: Latency) -> None:
    text = svg(latency)
    shares = [float(value) for value in re.findall(r'(?:x|x1|x2|cx)="(-?[\d.]+)%"', text)]
    assert 0 < min(shares) <= max(shares) < 100
    height = float(re.findall(r'height="(\d+)"', text)[0])
    rows = [float(value) for value in re.findall(r' (?:y|y1|y2|cy)="(-?[\d.]+)"', text)]
    assert 0 < min(rows) <= max(rows) < height


def test_it_is_the_same_whatever_order_the_writers_ended_in() -> None:
    some = many(500)
    latency = replace(some, waits=[*some.waits, (10.0, 2.0), (20.0, 2.0)])  # two as long as each other
    assert svg(replace(latency, waits=latency.waits[::-1])) == svg(latency)


def test_no_write_at_all_is_said() -> None:
    page = drawn(NONE)
    assert "Nadie llegó a anotar nada." in words(page)
    assert page.all("circle") == page.all("path") == []
    assert NONE.account == "8 personas hicieron 0 anotaciones en 50 ms. Además fallaron 8."


def test_one_write_is_one_bar() -> None:
    page = drawn(ONE)
    assert "la más larga: 0,7 ms" in words(page)
    assert ONE.account.startswith("8 personas hicieron 1 anotación en 20 ms. El script se pone un tope")
    assert ONE.account.count("ninguna esperó más.") == 1


def test_a_wait_is_drawn_for_as_long_as_it_lasted_and_apart_when_it_is_over_the_budget() -> None:
    kept, broken = (node.attributes["d"] for node in drawn(BLOCKED).all("path"))
    # 2.5 s of 5 s, with the moment it only touches, in one; the two others are of one moment each.
    assert re.findall(r"h(\d+)", broken) == [str(BINS // 2 + 1)]
    assert re.findall(r"h(\d+)", kept) == ["1", "1"]
    assert min(map(float, re.findall(r"V([\d.]+)h", broken))) < PLOT * 0.2
    assert drawn(ONE).all("path")[1].attributes["d"] == ""


def test_who_held_the_table_and_the_migration_are_shown_when_they_were() -> None:
    page = drawn(BLOCKED)
    assert [word for word in words(page) if not re.match(r"[\d,]", word)] == [
        "un informe largo tiene la tabla", "migración", "tope que se pone el script: 500 ms", "la más larga: 2,5 s",
        "segundos desde que empezaron a anotar",
    ]  # fmt: skip
    left = [float(node.attributes["x"].rstrip("%")) for node in page.all("rect")]
    assert left[0] < left[1] == left[2]
    assert page.all("rect")[2].attributes["opacity"] == ".1"
    assert drawn(ONE).all("rect") == []


def test_the_words_say_the_same() -> None:
    assert BLOCKED.title == "La espera más larga de una anotación fue de 2,5 s"
    assert BLOCKED.account == (
        "8 personas hicieron 3 anotaciones en 5 s. "
        "Un informe largo tuvo ocupada la tabla del segundo 0,5 al 3,9. "
        "La migración corrió del segundo 1,0 al 4,0. "
        "Mientras corría, la espera más larga fue de 2,5 s; antes y después, de 4 ms. "
        "El script se pone un tope de 500 ms para demorar a alguien: 1 esperó más. "
        "Cada barra es la espera más larga del momento; cada línea de la escala, diez veces la anterior."
    )


def test_a_short_migration_is_told_to_the_hundredth() -> None:
    latency = replace(ONE, migrations=[Span("migración", 0.013, 0.055)])
    assert "La migración corrió del segundo 0,01 al 0,06." in latency.account


def test_the_budget_drawn_is_the_scripts() -> None:
    budget = re.search(r"migration\.max_stall +(\d+)ms", META_ADS.script.read_text(encoding="utf-8"))
    assert budget
    assert float(budget[1]) == META_ADS.max_stall * 1000


def test_a_write_is_felt_in_every_moment_of_its_wait() -> None:
    assert longest_under_way([(0.0, 0.5), (1.0, 2.0), (1.5, 0.1)], 1.0) == {0: 0.5, 1: 2.0, 2: 2.0, 3: 2.0}
    assert longest_under_way([(-1.0, 0.5), (-1.0, 1.5)], 1.0) == {0: 1.5}
    assert longest_under_way([], 1.0) == {}


@pytest.mark.parametrize("bad", ["", "meta_ad_id_not_null"], ids=["passing", "failing"])
def test_a_scenario_with_traffic_has_its_picture_and_no_other_has(bad: str, tmp_path: Path) -> None:
    file = tmp_path / "informe.html"
    script = ["-D", f"migration={defect(bad).file(tmp_path)}"] if bad else []
    done = behave(
        "-D", "postgres=embedded", *script, "-f", "informe", "-o", str(file),
        "-n", "Meta Ads: las clínicas anotan durante la migración", "-n", "Ejecución de migración en base",
    )  # fmt: skip
    assert done.returncode == bool(bad), done.stdout
    page = parse(file.read_text(encoding="utf-8"))
    assert problems(page) == []
    result = page.one(class_="result")
    assert result.one("figcaption").one("a").words == "Meta Ads: las clínicas anotan durante la migración"
    assert result.one("strong").words.startswith("La espera más larga de una anotación fue de ")
    assert "migración" in words(result)
    assert re.search(r"8 personas hicieron \d+ anotaciones en", result.words)
