"""What went on beside a migration, and what it was like for those who were writing."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from steps.support import spanish

Wait = tuple[float, float]  # when a write began, how long it took


@dataclass(frozen=True)
class Span:
    """What somebody did, from when until when."""

    what: str
    began: float
    ended: float


@dataclass(frozen=True)
class Latency:
    """A scenario's traffic: its writes, when migrations ran, when somebody else held the table.

    `done` of the writes were confirmed, `failures` were not, as was a session that could not even connect.
    Times are seconds since the traffic began, which ended at `seconds`. A migration means to keep no write
    waiting for longer than `budget`: what it sets itself, not what a scenario asserts of a busy machine.
    """

    waits: Sequence[Wait]
    done: int
    seconds: float
    budget: float
    writers: int = 8
    failures: int = 0
    migrations: Sequence[Span] = ()
    blockers: Sequence[Span] = ()

    @property
    def length(self) -> float:
        """Until when there is something to show; never 0."""
        ends = [began + wait for began, wait in self.waits] + [one.ended for one in (*self.migrations, *self.blockers)]
        return max([self.seconds, *ends, 0.001])

    @property
    def longest(self) -> Wait | None:
        """The write that took longest; the first, of equals."""
        return max(sorted(self.waits), key=lambda wait: wait[1], default=None)

    @property
    def title(self) -> str:
        """What there is to see, in a sentence without its full stop."""
        if not self.longest:
            return "Nadie llegó a anotar nada"
        return f"La espera más larga de una anotación fue de {spanish.wait(self.longest[1])}"

    @property
    def account(self) -> str:
        """What the picture shows, for who cannot see it."""
        return " ".join(self._sentences())

    def _sentences(self) -> Iterator[str]:
        writes = f"{spanish.whole(self.done)} {'anotación' if self.done == 1 else 'anotaciones'}"
        yield f"{self.writers} personas hicieron {writes} en {spanish.wait(self.length)}."
        if self.failures:
            yield f"Además {'falló 1' if self.failures == 1 else f'fallaron {spanish.whole(self.failures)}'}."
        for one in self.blockers:
            yield f"{one.what.capitalize()} tuvo ocupada la tabla {self._when(one)}."
        for one in self.migrations:
            yield f"La migración corrió {self._when(one)}."
        if not self.waits:
            return
        beside = [wait for began, wait in self.waits if self._beside(began, began + wait)]
        apart = [wait for began, wait in self.waits if not self._beside(began, began + wait)]
        if beside and apart:
            yield (
                f"Mientras corría, la espera más larga fue de {spanish.wait(max(beside))}; "
                f"antes y después, de {spanish.wait(max(apart))}."
            )
        over = sum(wait > self.budget for _, wait in self.waits)
        yield (
            f"El script se pone un tope de {spanish.wait(self.budget)} para demorar a alguien: "
            f"{'ninguna esperó más' if not over else '1 esperó más' if over == 1 else f'{over} esperaron más'}."
        )
        yield "Cada barra es la espera más larga del momento; cada línea de la escala, diez veces la anterior."

    def _when(self, span: Span) -> str:
        seconds = span.ended - span.began
        digits = 1 if seconds >= 2 else 2 if seconds >= 0.02 else 3
        return f"del segundo {spanish.decimal(span.began, digits)} al {spanish.decimal(span.ended, digits)}"

    def _beside(self, began: float, ended: float) -> bool:
        return any(began < one.ended and ended > one.began for one in self.migrations)


def longest_under_way(waits: Iterable[Wait], bin_seconds: float) -> dict[int, float]:
    """Of every stretch of time in which a write was under way, by its number, the longest one took in all.

    Not only where it began: a write that waits for three seconds is felt in every moment of them.
    """
    longest: dict[int, float] = {}
    for began, wait in waits:
        last = math.floor((began + wait) / bin_seconds)
        for number in range(max(0, math.floor(began / bin_seconds)), last + 1):
            longest[number] = max(longest.get(number, 0.0), wait)
    return longest
