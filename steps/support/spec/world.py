"""What a scenario of this product has at hand beyond what any has."""

from dataclasses import dataclass, field
from typing import Any

from orchestrator_service.db.models_dental import Patient
from steps.support.harness import world
from steps.support.spec.deployment.old_service import OldService
from steps.support.spec.tenancy.clinics import Clinics


@dataclass
class Attempt:
    """What came of something the service tried and was to be refused: the refusal's words, and whether it went on."""

    said: str = ""
    went_on: bool = False  # the same session worked afterwards


@dataclass
class World(world.World):
    """The scenario's patient, as the model has it and as it was saved; its clinics; yesterday's service."""

    patient: Patient | None = None
    patient_key: tuple[int, int] | None = None  # tenant_id, id
    saved: dict[str, str | None] = field(default_factory=dict)  # what was set on the patient, by column
    before: dict[str, Any] = field(default_factory=dict)  # the saved patient's values before a change
    old_service: OldService | None = None
    attempt: Attempt = field(default_factory=Attempt)
    clinics: Clinics = field(default_factory=Clinics)

    def end(self, *, kept_for: str = "") -> None:
        """Drop the scenario's databases, and leave them with yesterday's service first."""
        if self.old_service:
            self.old_service.end()
        super().end(kept_for=kept_for)
