"""What a migration adds, columns and other facts of the catalogue, is as its specification asks."""

from steps.support import spanish
from steps.support.evidence import structure
from steps.support.finding import Finding, Kind
from steps.support.spec import columns
from steps.support.subject import Fact
from steps.support.unmet import require
from steps.support.world import World


def label(fact: Fact) -> str:
    """What a fact is called, such as 'la política de filas patients.tenant_rows'."""
    return f"{spanish.SORTS[fact.sort]} {'.'.join(filter(None, (fact.table, fact.name)))}"


def expect_everything(world: World) -> None:
    """Fail unless all of what the migration adds is as its specification asks, naming what is not."""
    there, subject = columns.read(world), world.subject
    found: list[Finding] = []
    for name, column in subject.columns.items():
        if name not in there:
            found.append(Finding(Kind.COLUMN_MISSING, subject.table, name, column))
        elif there[name] != column:
            found.append(Finding(Kind.COLUMN_WRONG, subject.table, name, column, there[name]))
    facts = structure.facts(world.database) if subject.facts else {}
    for fact in subject.facts:
        says = facts.get(fact.key)
        if says is None:
            found.append(Finding(Kind.FACT_MISSING, fact.table, fact.name, what=fact.sort))
        elif wrong := {key: says.get(key) for key, value in fact.says.items() if says.get(key) != value}:
            asked = {key: fact.says[key] for key in wrong}
            found.append(Finding(Kind.FACT_WRONG, fact.table, fact.name, asked, wrong, fact.sort))
    require(found)


def expect_nothing(world: World) -> None:
    """Fail while there is anything left of what the migration adds."""
    subject = world.subject
    left = [(subject.table, name, "table column") for name in subject.columns if name in columns.read(world)]
    if subject.facts:
        before = world.suite.evidence_of(world.suite.before(subject)).structure
        now = structure.facts(world.database)
        left += [
            (fact.table, fact.name, fact.sort) for fact in subject.facts
            if any(now.get(fact.key, {}).get(key) != before.get(fact.key, {}).get(key) for key in fact.says)
        ]  # fmt: skip
    require(Finding(Kind.NOT_REVERTED, table, name, what=sort) for table, name, sort in left)
