"""Draws how long each write waited beside a migration, as SVG to stand inside the page.

Across, everything is a percentage and there is no viewBox: letters are as large on a phone as on a desk. It takes the
ink of the page around it, light or dark.
"""

from collections.abc import Iterator
from html import escape

from steps.support import spanish
from steps.support.traffic.latency import Latency, longest_under_way

LEFT, RIGHT, TOP, FLOOR, FOOT = 14.0, 97.0, 44, 184, 40  # per cent of the width, then pixels
BINS = 160
WRITES, OVER = "#2e86c1", "#d2552d"


def svg(of: Latency) -> str:
    """The picture: a bar for each moment, as high as the longest write then under way."""
    return "".join(_parts(of))


def sentence(of: Latency) -> str:
    """What the picture shows, in four numbers."""
    longest = of.longest[1] if of.longest else 0.0
    failed = f" Fallaron {of.failures}." if of.failures else ""
    return (
        f"{of.writers} personas hicieron {spanish.whole(of.done)} anotaciones mientras se migraba, y ninguna esperó "
        f"más de {spanish.wait(longest)}; el tope es de {spanish.wait(of.budget)}.{failed}"
    )


def _parts(of: Latency) -> Iterator[str]:
    highest = max([of.budget, *(wait for _, wait in of.waits)]) * 1.1

    def x(at: float) -> float:
        return LEFT + (RIGHT - LEFT) * min(max(at / of.length, 0.0), 1.0)

    def y(wait: float) -> float:
        return FLOOR - (FLOOR - TOP) * wait / highest

    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(sentence(of))}" width="100%" '
        f'height="{FLOOR + FOOT}" font-family="system-ui, sans-serif" font-size="12" fill="currentColor">'
    )
    for row, spans in enumerate((of.blockers, of.migrations)):
        for span in spans:
            left, right = x(span.began), max(x(span.ended), x(span.began) + 0.4)
            yield _box(left, right - left, 16 + 18 * row, FLOOR - 16 - 18 * row, 'opacity=".13"')
            anchor = "end" if left > 55 else "start"
            yield _text(right if left > 55 else left, 12 + 18 * row, span.what, anchor)
    for number, wait in longest_under_way(of.waits, of.length / BINS).items():
        height = max(2.0, FLOOR - y(wait))
        left, wide = x(number * of.length / BINS), (RIGHT - LEFT) / BINS
        yield _box(left, wide, FLOOR - height, height, f'fill="{OVER if wait > of.budget else WRITES}"')
    for wait, dashes in ((of.budget, 'stroke-dasharray="6 4"'), (0.0, 'opacity=".5"')):
        yield f'<line x1="{LEFT}%" x2="{RIGHT}%" y1="{y(wait):.1f}" y2="{y(wait):.1f}" stroke="currentColor" {dashes}/>'
    yield _text(LEFT - 1, y(of.budget) + 4, spanish.wait(of.budget), "end")
    yield _text(LEFT - 1, FLOOR + 4, "0", "end")
    yield _text(LEFT, FLOOR + 18, "0 s", "start")
    yield _text(RIGHT, FLOOR + 18, spanish.wait(of.length), "end")
    yield _text((LEFT + RIGHT) / 2, FLOOR + 34, "cuándo, y cuánto esperó cada anotación", "middle")
    yield "</svg>"


def _box(left: float, width: float, y: float, height: float, more: str) -> str:
    return f'<rect x="{left:.2f}%" width="{width:.2f}%" y="{y:.1f}" height="{height:.1f}" {more}/>'


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}%" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'
