"""Write latency over time as an SVG: a panel a situation, a line a schedule, log scale."""

import math
from collections.abc import Sequence
from html import escape

from benchmarks.live.trial import Result
from steps.support.harness.concurrency.latency import longest_under_way

COLOURS = ["#7a7a7a", "#b3261e", "#b26a00", "#1f6feb", "#137333"]
WIDTH, PANEL, LEFT, TOP, BOTTOM = 900, 230, 64, 34, 34
LEAST, MOST = 0.001, 60.0  # seconds
BIN = 0.05


def svg(results: Sequence[Result], title: str) -> str:
    """The picture; every bin of 50 ms shows the longest write that was under way in it."""
    situations = list(dict.fromkeys(result.situation for result in results))
    schedules = list(dict.fromkeys(result.schedule for result in results))
    height = 60 + 18 * len(schedules) + PANEL * len(situations)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        f'font-family="system-ui, sans-serif" font-size="12"><title>{escape(title)}</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="{LEFT}" y="24" font-size="15" font-weight="600">{escape(title)}</text>',
    ]
    for row, schedule in enumerate(schedules):
        y = 46 + 18 * row
        colour = COLOURS[row % len(COLOURS)]
        parts.append(f'<path d="M{LEFT} {y - 4}h24" stroke="{colour}" stroke-width="3"/>')
        parts.append(f'<text x="{LEFT + 32}" y="{y}">{escape(schedule)}</text>')
    for row, situation in enumerate(situations):
        top = 60 + 18 * len(schedules) + PANEL * row
        shown = [result for result in results if result.situation == situation]
        parts += _panel(situation, shown, [COLOURS[schedules.index(r.schedule) % len(COLOURS)] for r in shown], top)
    return "\n".join([*parts, "</svg>\n"])


def _panel(name: str, results: Sequence[Result], colours: Sequence[str], top: int) -> list[str]:
    longest = max(start + wait for result in results for start, wait in result.waits)
    floor = top + PANEL - BOTTOM
    parts = [f'<text x="{LEFT}" y="{top + 18}" font-weight="600">{escape(name)}</text>']
    for latency, label in ((0.001, "1 ms"), (0.01, "10 ms"), (0.1, "100 ms"), (1, "1 s"), (10, "10 s")):
        y = _y(latency, top)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - 16}" stroke="#e0e0e0"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end" fill="#555">{label}</text>')
    step = max(1, round(longest / 10))
    for second in range(0, math.ceil(longest), step):
        parts.append(
            f'<text x="{_x(second, longest):.1f}" y="{floor + 18}" text-anchor="middle" fill="#555">{second} s</text>'
        )
    for result, colour in zip(results, colours, strict=True):
        points = " ".join(f"{_x(at, longest):.1f},{_y(latency, top):.1f}" for at, latency in _bins(result))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
    return parts


def _bins(result: Result) -> list[tuple[float, float]]:
    return [(number * BIN, max(LEAST, wait)) for number, wait in sorted(longest_under_way(result.waits, BIN).items())]


def _x(at: float, longest: float) -> float:
    return LEFT + (WIDTH - 16 - LEFT) * at / longest


def _y(latency: float, top: int) -> float:
    share = math.log10(min(max(latency, LEAST), MOST) / LEAST) / math.log10(MOST / LEAST)
    return top + PANEL - BOTTOM - (PANEL - BOTTOM - TOP) * share
