"""A rehearsal's verdict and figures, for every report."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Figures:
    """A rehearsal's verdict in a sentence, and its figures for a reader by name, under a title in Spanish.

    For a machine `state` is the verdict: accepted, refused or incomplete. A figure may have several lines.
    """

    title: str
    verdict: str
    figures: Mapping[str, str]
    state: str
