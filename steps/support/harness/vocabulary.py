"""What a phrase's parameter may be where only some words mean anything: listed by `make steps`, and to a wrong one."""

from collections.abc import Mapping
from typing import NoReturn, TypeVar

Meaning = TypeVar("Meaning")

declared: list["Words[object]"] = []


class Words(dict[str, Meaning]):
    """What each word means, for the parameter a reader knows by `phrase`, such as "la tabla está <shape>"."""

    def __init__(self, phrase: str, meanings: Mapping[str, Meaning]) -> None:
        super().__init__(meanings)
        self.phrase = phrase
        declared.append(self)  # type: ignore[arg-type]

    def __missing__(self, word: str) -> NoReturn:
        raise AssertionError(f"«{word}» no dice nada en «{self.phrase}». Se puede decir:\n  " + "\n  ".join(self))
