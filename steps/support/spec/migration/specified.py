"""What a migration adds, columns and other facts of the catalogue, is as its specification asks."""

from steps.support import expect
from steps.support.evidence import structure
from steps.support.expect import Comparison
from steps.support.spec import columns
from steps.support.subject import Fact
from steps.support.world import World

MISSING = "no existe"


def label(fact: Fact) -> str:
    """What a fact is called, as evidence calls what changed."""
    return f"{structure.IN_SPANISH[fact.kind]} {fact.name}"


def expect_everything(world: World) -> None:
    """Fail unless all of what the migration adds is as its specification asks, naming what is not."""
    there, subject = columns.read(world), world.subject
    compared: list[Comparison] = []
    deviations: dict[str, str] = {}
    for name, column in subject.columns.items():
        if there.get(name) != column:
            compared.append(Comparison(str(there.get(name, MISSING)), str(column), name))
            deviations[name] = columns.deviation(column, there.get(name))
    found = structure.facts(world.database) if subject.facts else {}
    for fact in subject.facts:
        says = found.get((fact.kind, fact.name))
        if says != fact.says:
            compared.append(Comparison(says or MISSING, fact.says, label(fact)))
            deviations[label(fact)] = "no es como se pide" if says else MISSING
    expect.all_equal(f"Lo que agrega {subject.name} no es lo esperado.", compared, deviations)


def expect_nothing(world: World) -> None:
    """Fail while there is anything left of what the migration adds."""
    subject = world.subject
    left = sorted(set(subject.columns) & set(columns.read(world)))
    if subject.facts:
        before = world.suite.evidence_of(world.suite.before(subject)).structure
        keys = [(fact, (fact.kind, fact.name)) for fact in subject.facts]
        now = structure.facts(world.database)
        left += [label(fact) for fact, key in keys if now.get(key) not in (None, before.get(key))]
    expect.nothing(f"Quedó algo de {subject.name}.", left)
