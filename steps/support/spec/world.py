"""What a scenario of this product has at hand beyond what any has."""

from dataclasses import dataclass, field
from typing import Any

from steps.support import world
from steps.support.spec.deployment.old_service import OldService
from steps.support.spec.deployment.preparing_service import PreparingService
from steps.support.spec.tenancy.clinics import Clinics
from steps.support.subject import Model


@dataclass
class Attempt:
    """What came of something the service tried and was to be refused: the refusal's words, and whether it went on."""

    said: str = ""
    went_on: bool = False  # the same session worked afterwards


@dataclass
class World(world.World):
    """The scenario's object, as the model has it and as it was saved; its clinics; yesterday's service."""

    row: Any = None  # the model of which an object is to be saved
    row_key: Any = None  # the saved row's
    saved: dict[str, Any] = field(default_factory=dict)  # what was set on it, by column
    before: dict[str, Any] = field(default_factory=dict)  # the saved row's values before a change
    old_service: OldService | None = None
    preparing: PreparingService | None = None  # one that prepares its statements
    attempt: Attempt = field(default_factory=Attempt)
    clinics: Clinics = field(default_factory=Clinics)

    @property
    def model(self) -> Model:
        """How the service maps the migration's table."""
        assert self.subject.model, f"Ningún modelo del servicio es de {self.subject.script.name}."
        return self.subject.model

    def session(self) -> Any:
        """A session of the service's on the scenario's database."""
        return self.model.session(self.database.engine())

    def end(self, *, kept_for: str = "") -> None:
        """Drop the scenario's databases, and leave them with yesterday's service first."""
        if self.old_service:
            self.old_service.end()
        super().end(kept_for=kept_for)
