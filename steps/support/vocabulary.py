"""What a phrase's parameter may be where only some words mean anything: a wrong one is answered with the list."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NoReturn, Protocol, TypeVar

Meaning = TypeVar("Meaning")
_PLACE = re.compile(r"<\w+>")


class Listed(Protocol):
    """What there is to say, a line each."""

    phrase: str

    def lines(self) -> Iterator[str]:
        """What may be said there, a line each."""


declared: list[Listed] = []


class Words(dict[str, Meaning]):
    """What each word means, for the parameter a reader knows by `phrase`, such as "la tabla está <shape>".

    A word may have a place for a name, in quotes: "lee lo de '<other>'".
    """

    def __init__(self, phrase: str, meanings: Mapping[str, Meaning]) -> None:
        super().__init__(meanings)
        self.phrase = phrase
        declared.append(self)

    def __missing__(self, word: str) -> NoReturn:
        raise AssertionError(f"«{word}» no dice nada en «{self.phrase}». Se puede decir: {'; '.join(self)}.")

    def lines(self) -> Iterator[str]:
        """The words."""
        yield from self

    def read(self, said: str) -> tuple[Meaning, str]:
        """What was said means, and the name in it where the word has a place for one."""
        for word, meaning in self.items():
            if match := re.fullmatch(_PLACE.sub("([^']+)", re.escape(word)), said):
                return meaning, "".join(match.groups())
        return self[said], ""


class Table:
    """The table below a step, known by its phrase: the headings it must have."""

    def __init__(self, phrase: str, *headings: str) -> None:
        self.phrase = phrase
        self._headings = headings
        declared.append(self)

    def lines(self) -> Iterator[str]:
        """The headings, as a feature has them."""
        yield f"| {' | '.join(self._headings)} |"

    def rows(self, table: Any) -> list[list[str]]:
        """The cells of behave's table, a row each, in the order of the headings."""
        given = list(table.headings) if table else []
        if sorted(given) != sorted(self._headings):
            found = f"| {' | '.join(given)} |" if given else "ninguna"
            raise AssertionError(f"Bajo «{self.phrase}» va una tabla {' '.join(self.lines())}, y hay {found}.")
        return [[row[heading] for heading in self._headings] for row in table]


def known(word: str, what: str, words: Collection[str]) -> str:
    """The word, when it is one of those; `what` says in Spanish what they are. Raises AssertionError with the list."""
    if word in words:
        return word
    may_be = f"Puede ser: {'; '.join(words)}." if words else "No hay ninguna: falta un Given."
    raise AssertionError(f"«{word}» no es {what}. {may_be}")
