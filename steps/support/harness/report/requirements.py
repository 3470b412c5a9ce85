"""What the specification asks for: the tags scenarios carry, and which requirement each stands for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from steps.support.harness.report.model import Outline, Run, Scenario
from steps.support.harness.report.status import State

PREFIX = "req-"


@dataclass(frozen=True)
class Requirement:
    """A requirement of the specification: its tag, its section there, and what it says, for a reader."""

    tag: str
    section: str
    text: str


REQUIREMENTS = (
    Requirement("req-columnas", "2. Requerimientos técnicos",
                "La tabla patients gana cinco columnas, con su tipo, su default y opcionales."),
    Requirement("req-idempotente", "2. Requerimientos técnicos",
                "La migración se puede ejecutar de nuevo: verifica la existencia antes de agregar."),
    Requirement("req-modelo", "2. Requerimientos técnicos",
                "El modelo Patient del servicio mapea las columnas nuevas."),
    Requirement("req-datos", "3. Criterios de aceptación",
                "No se pierden datos de pacientes existentes."),
    Requirement("req-persistencia", "3. Criterios de aceptación",
                "Lo que se guarda de un paciente se persiste sin errores de esquema."),
    Requirement("req-esquema", "4. Esquema de datos",
                "La tabla queda con el esquema especificado, se llegue como se llegue."),
    Requirement("req-bloqueo", "5. Riesgos y mitigación",
                "La tabla no queda bloqueada en producción, aunque patients sea muy grande."),
    Requirement("req-soberania", "6. Compliance SDD v2.0",
                "Las columnas son propias del tenant: al navegar patients siempre se filtra por tenant_id."),
)  # fmt: skip


WORDS = {
    State.PASSED: "se cumple",
    State.FAILED: "no se cumple",
    State.ERROR: "no se pudo comprobar",
    State.NOT_RUN: "no se comprobó",
}


@dataclass(frozen=True)
class Proof:
    """A requirement with the scenarios of a run that prove it, an outline counting as one."""

    requirement: Requirement
    proofs: Sequence[Scenario | Outline]

    @property
    def scenarios(self) -> list[Scenario]:
        """The scenarios and rows that carry the requirement's tag."""
        return [scenario for proof in self.proofs for scenario in carriers(proof, self.requirement.tag)]

    @property
    def state(self) -> State:
        """Refuted by one that fails; else in doubt by one without an answer; else passed when one passed."""
        states = [scenario.state for scenario in self.scenarios]
        doubts = (State.FAILED, State.ERROR, State.UNDEFINED, State.PENDING, State.NOT_RUN, State.PASSED)
        return next((state for state in doubts if state in states), State.NOT_RUN)

    @property
    def word(self) -> str:
        """The state as said of a requirement."""
        return WORDS.get(self.state, self.state.value)


def carriers(item: Scenario | Outline, tag: str) -> list[Scenario]:
    """The scenarios of an item that carry a tag."""
    scenarios = item.scenarios if isinstance(item, Outline) else [item]
    return [scenario for scenario in scenarios if tag in scenario.all_tags]


def proofs(run: Run) -> list[Proof]:
    """Every requirement, in the specification's order, with what of the run proves it."""
    items = [item for feature in run.features for item in feature.written()]
    return [Proof(one, [item for item in items if carriers(item, one.tag)]) for one in REQUIREMENTS]


def of_tags(tags: Iterable[str]) -> list[Requirement]:
    """The requirements some tags name, in order."""
    named = set(tags)
    return [one for one in REQUIREMENTS if one.tag in named]
