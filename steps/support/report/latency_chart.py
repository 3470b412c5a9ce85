"""Draws how long each write took beside a migration, as an SVG to stand inside the report.

Without a viewBox: across, everything is a percentage, so that the letters are as large on a phone as on a desk.
It takes the ink of the page around it, light or dark; its two colours are of enough contrast on both.
"""

import math
from collections.abc import Iterator
from html import escape
from itertools import count

from steps.support import spanish
from steps.support.traffic.latency import Latency, Span, longest_under_way

WRITES, OVER = "#2e86c1", "#d2552d"
LEFT, RIGHT = 16.0, 95.0  # of the width, in per cent
ROW, PLOT, HEADROOM, FOOT = 26, 150, 16, 60  # heights in pixels
BINS = 200
LEAST = 0.0001  # seconds, where the scale begins
TICKS = 5


def svg(latency: Latency) -> str:
    """The picture. However many writes there are, it has a bar for each of 200 moments at most."""
    return "".join(_Drawing(latency).parts())


class _Drawing:
    def __init__(self, latency: Latency) -> None:
        self._of = latency
        self._top = ROW * (bool(latency.migrations) + bool(latency.blockers)) + HEADROOM
        self._floor = self._top + PLOT
        longest = max([latency.budget, *(wait for _, wait in latency.waits)])
        self._decades = max(4, math.ceil(math.log10(longest / LEAST)))

    def parts(self) -> Iterator[str]:
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{escape(self._of.title)}" '
            f'width="100%" height="{self._floor + FOOT}" '
            f'font-family="system-ui, sans-serif" font-size="12" fill="currentColor">'
            f"<title>{escape(self._of.title)}</title><desc>{escape(self._of.account)}</desc>"
        )
        yield from self._scale()
        row = 0
        for spans, verb in ((self._of.blockers, " tiene la tabla"), (self._of.migrations, "")):
            for span in spans:
                yield from self._span(span, span.what + verb, row)
            row += ROW * bool(spans)
        yield from self._bars()
        yield from self._budget()
        yield from self._longest()
        yield from self._seconds()
        yield "</svg>"

    def _scale(self) -> Iterator[str]:
        for decade in range(1, self._decades + 1):
            y = self._y(LEAST * 10**decade)
            if abs(y - self._y(self._of.budget)) < 16:  # the budget's own line and words stand there
                continue
            yield _line(LEFT, RIGHT, y, "currentColor", 'opacity=".18"')
            yield _text(LEFT - 1.5, y + 4, spanish.wait(LEAST * 10**decade), "end", 'opacity=".8"')
        yield _line(LEFT, RIGHT, self._floor, "currentColor", 'opacity=".5"')

    def _span(self, span: Span, words: str, row: int) -> Iterator[str]:
        left, right = self._x(span.began), self._x(span.ended)
        at_left = left < (LEFT + RIGHT) / 2
        yield _text(left if at_left else right, row + 12, words, "start" if at_left else "end")
        yield _box(left, right, row + 17, 5, 'opacity=".55"')
        if span in self._of.migrations:
            yield _box(left, right, row + 22, self._floor - row - 22, 'opacity=".1"')
            for x in (left, right):  # a migration of milliseconds is to be seen too
                yield (
                    f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="{row + 17}" y2="{self._floor}" '
                    'stroke="currentColor" opacity=".55"/>'
                )

    def _bars(self) -> Iterator[str]:
        longest = longest_under_way(self._of.waits, self._of.length / BINS)
        if BINS in longest:  # of what ended with the very last moment
            longest[BINS - 1] = max(longest.get(BINS - 1, 0.0), longest.pop(BINS))
        if not longest:
            yield _text((LEFT + RIGHT) / 2, self._top + PLOT / 2, f"{self._of.title}.", "middle")
            return
        kept = {at: wait for at, wait in longest.items() if wait <= self._of.budget}
        broken = {at: wait for at, wait in longest.items() if wait > self._of.budget}
        yield (
            f'<svg x="{LEFT}%" y="{self._top}" width="{RIGHT - LEFT}%" height="{PLOT}" '
            f'viewBox="0 0 {BINS} {PLOT}" preserveAspectRatio="none">'
        )
        for bars, colour in ((kept, WRITES), (broken, OVER)):
            yield f'<path d="{"".join(self._outline(bars))}" fill="{colour}"/>'
        yield "</svg>"

    def _outline(self, bars: dict[int, float]) -> Iterator[str]:
        """The bars, those of one height that touch drawn as one: a long wait goes on for many moments."""
        tops = {at: f"{PLOT - self._height(bars[at]):.1f}" for at in sorted(bars)}
        for at, top in tops.items():
            if tops.get(at - 1) != top:
                width = next(wide for wide in count(1) if tops.get(at + wide) != top)
                yield f"M{at} {PLOT}V{top}h{width}V{PLOT}z"

    def _budget(self) -> Iterator[str]:
        y = self._y(self._of.budget)
        most = spanish.wait(self._of.budget)
        dashes = 'stroke-width="2" stroke-dasharray="6 4"'
        yield _line(LEFT, RIGHT, y, "currentColor", dashes)
        yield _text(LEFT - 1.5, y + 4, most, "end")
        # Said below, where no bar can be behind the words.
        yield _line(LEFT, LEFT + 6, self._floor + 50, "currentColor", dashes)
        yield _text(LEFT + 7.5, self._floor + 54, f"tope que se pone el script: {most}", "start")

    def _longest(self) -> Iterator[str]:
        if self._of.longest:
            began, wait = self._of.longest
            x, y = self._x(began + wait / 2), self._y(wait)
            anchor = "start" if x < 30 else "end" if x > 80 else "middle"
            yield f'<circle cx="{x:.2f}%" cy="{y:.1f}" r="3.5"/>'
            above = y - 8
            if abs(above - 4 - self._y(self._of.budget)) < 9:  # the budget's line would run through the words
                above = self._y(self._of.budget) - 6
            yield _text(x, above, f"la más larga: {spanish.wait(wait)}", anchor, 'font-weight="600"')

    def _seconds(self) -> Iterator[str]:
        step = _round_step(self._of.length / TICKS)
        digits = max(0, -math.floor(math.log10(step)))
        for number in range(int(self._of.length / step + 1e-9) + 1):
            x = self._x(number * step)
            yield f'<line x1="{x:.2f}%" x2="{x:.2f}%" y1="{self._floor}" y2="{self._floor + 4}" stroke="currentColor"/>'
            yield _text(x, self._floor + 17, spanish.decimal(number * step, digits), "middle", 'opacity=".8"')
        yield _text((LEFT + RIGHT) / 2, self._floor + 34, "segundos desde que empezaron a anotar", "middle")

    def _x(self, at: float) -> float:
        return LEFT + (RIGHT - LEFT) * min(max(at / self._of.length, 0.0), 1.0)

    def _y(self, wait: float) -> float:
        return self._floor - self._height(wait)

    def _height(self, wait: float) -> float:
        """Of the wait on the scale, in pixels; the shortest can still be seen."""
        return max(2.0, PLOT * math.log10(max(wait, LEAST) / LEAST) / self._decades)


def _round_step(least: float) -> float:
    """1, 2 or 5 times a power of ten, not under `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= least * 0.999)


def _line(left: float, right: float, y: float, stroke: str, more: str) -> str:
    return f'<line x1="{left}%" x2="{right}%" y1="{y:.1f}" y2="{y:.1f}" stroke="{stroke}" {more}/>'


def _box(left: float, right: float, y: float, height: float, more: str) -> str:
    return f'<rect x="{left:.2f}%" width="{right - left:.2f}%" y="{y}" height="{height}" {more}/>'


def _text(x: float, y: float, words: str, anchor: str, more: str = "") -> str:
    return f'<text x="{x:.2f}%" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'
