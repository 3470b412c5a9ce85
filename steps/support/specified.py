"""What a migration adds, columns and other facts of the catalogue: how it should be, and how to make it so by hand."""

from steps.support import spanish
from steps.support.evidence import structure
from steps.support.finding import Finding, Kind
from steps.support.postgres.columns import read, wrong
from steps.support.subject import Subject
from steps.support.world import World


def not_as_asked(world: World) -> list[Finding]:
    """Findings: columns and facts that are missing or wrong."""
    there, subject = world.columns(), world.subject
    before = read(world.taken.copy, subject.relation) if world.taken else {}
    found = []
    for name, column in subject.columns.items():
        found += wrong(subject.table, name, column, there.get(name), before.get(name))
    facts = structure.facts(world.database) if subject.facts else {}
    for fact in subject.facts:
        says = facts.get(fact.key)
        if says is None:
            found.append(Finding(Kind.FACT_MISSING, fact.table, fact.name, what=fact.sort))
        elif other := {key: says.get(key) for key, value in fact.says.items() if says.get(key) != value}:
            asked = {key: fact.says[key] for key in other}
            found.append(Finding(Kind.FACT_WRONG, fact.table, fact.name, asked, other, fact.sort))
    return found


def left(world: World) -> list[Finding]:
    """What is left of it."""
    subject, there = world.subject, world.columns()
    found = [(subject.table, name, "table column") for name in subject.columns if name in there]
    if subject.facts:
        before = world.suite.evidence_of(world.suite.before(subject)).structure
        now = structure.facts(world.database)
        found += [
            (fact.table, fact.name, fact.sort) for fact in subject.facts
            if any(now.get(fact.key, {}).get(key) != before.get(fact.key, {}).get(key) for key in fact.says)
        ]  # fmt: skip
    return [Finding(Kind.NOT_REVERTED, table, name, what=sort) for table, name, sort in found]


def by_hand(subject: Subject) -> dict[str, str]:
    """The SQL that makes each part of it, by the part's name, such as 'la política de filas patients.tenant_rows'."""
    columns = {
        name: f"ALTER TABLE {subject.relation} ADD COLUMN {name} {column.definition}"
        for name, column in subject.columns.items()
    }
    return columns | {f"{spanish.SORTS[one.sort]} {one.place}": one.by_hand for one in subject.facts}
