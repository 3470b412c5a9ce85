"""What came of something the service tried and was to be refused."""

from dataclasses import dataclass


@dataclass
class Attempt:
    """The refusal's words, and whether the same session worked afterwards."""

    said: str = ""
    went_on: bool = False
