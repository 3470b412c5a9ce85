"""A rehearsal's verdict and figures, for every report."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One figure of a rehearsal: what was measured, and its value with the unit; several are a line each."""

    name: str
    value: str


@dataclass(frozen=True)
class Figures:
    """A rehearsal's verdict in a sentence, and its figures for a reader, under a title in Spanish.

    For a machine `state` is the verdict: accepted, refused or incomplete.
    """

    title: str
    verdict: str
    figures: Sequence[Figure]
    state: str
