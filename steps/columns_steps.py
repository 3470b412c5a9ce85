"""What the columns and all else that a migration adds are like."""

from dataclasses import replace

from behave import then
from sqlalchemy import text

from steps.support import spanish
from steps.support.evidence import structure
from steps.support.finding import Finding, Kind
from steps.support.postgres.columns import read, wrong
from steps.support.unmet import require


@then("la tabla 'patients' tiene la columna '{name}' con default '{default}'")
def table_has_column_with_default(context, name, default):
    """La tabla tiene la columna, con ese valor por defecto."""
    _expect(context.world, name, default=default)


@then("la columna '{name}' existe y permite NULLs")
def column_exists_and_admits_null(context, name):
    """La tabla tiene la columna, y una fila puede no tener ese dato."""
    _expect(context.world, name, nullable=True)


@then("la columna '{name}' es de tipo {kind}, con ningún default y permite NULLs")
def column_without_default_is(context, name, kind):
    """La tabla tiene la columna, con ese tipo, sin valor por defecto, y admite NULL."""
    _expect(context.world, name, type=kind, default=None, nullable=True, peculiarity="")


@then("la columna '{name}' es de tipo {kind}, con default '{default}' y permite NULLs")
def column_is(context, name, kind, default):
    """La tabla tiene la columna, con ese tipo y ese valor por defecto, y admite NULL."""
    _expect(context.world, name, type=kind, default=default, nullable=True, peculiarity="")


@then("las columnas nuevas son exactamente las que pide la especificación")
def new_columns_are(context):
    """La migración agregó a la tabla las columnas de la especificación, y ninguna más."""
    world, subject = context.world, context.world.subject
    before, now = read(world.evidence.copy, subject.relation), world.columns()
    missing = [Finding(Kind.COLUMN_MISSING, subject.table, name) for name in subject.columns if name not in now]
    more = [name for name in now if name not in {*before, *subject.columns}]
    extra = [Finding(Kind.OBJECT_APPEARED, subject.table, name, None, now[name], "table column") for name in more]
    require(missing + extra)


@then("lo que la migración agrega queda como se pide")
def everything_as_specified(context):
    """Lo que la migración agrega (columnas, con su tipo y su valor por defecto; políticas, permisos) es lo pedido."""
    require(context.world.not_as_asked())


@then("la tabla ya no tiene lo nuevo")
def nothing_new_is_left(context):
    """Volver atrás terminó sin error, y no queda nada de lo que la migración agrega."""
    world, subject = context.world, context.world.subject
    world.expect_success(world.outcome)
    found = [(subject.table, name, "table column") for name in subject.columns if name in world.columns()]
    if subject.facts:
        before = world.suite.evidence_of(world.suite.before(subject)).structure
        now = structure.facts(world.database)
        found += [
            (fact.table, fact.name, fact.sort) for fact in subject.facts
            if any(now.get(fact.key, {}).get(key) != before.get(fact.key, {}).get(key) for key in fact.says)
        ]  # fmt: skip
    require(Finding(Kind.NOT_REVERTED, table, name, what=sort) for table, name, sort in found)


@then("todos los pacientes existentes tienen '{name}' igual a '{value}'")
def every_row_has(context, name, value):
    """Todos los pacientes de todas las clínicas tienen ese valor en esa columna."""
    world, subject = context.world, context.world.subject
    _existing(world, name)
    query = f"SELECT count(*), count(*) FILTER (WHERE {name} = :value), count({name}) FROM {subject.relation}"
    with world.database.connect() as connection:
        total, right, known = connection.execute(text(query), {"value": value}).one()
    counts = map(spanish.whole, (known - right, total - known))
    said = "{} con otro valor, {} en blanco".format(*counts)
    require([Finding(Kind.ROWS_NOT_FILLED, subject.table, name, value, said)] * (right < total))


@then("ningún paciente existente tiene campaña ni anuncio")
def no_row_has_an_ad(context):
    """Ningún paciente tiene campaña, anuncio ni texto de anuncio."""
    world, subject = context.world, context.world.subject
    names = [name for name, column in subject.columns.items() if column.default is None]
    for name in names:
        _existing(world, name)
    with world.database.connect() as connection:
        query = f"SELECT {', '.join(f'count({name})' for name in names)} FROM {subject.relation}"
        counts = connection.exec_driver_sql(query).one()
    found = [(name, count) for name, count in zip(names, counts, strict=True) if count]
    require(Finding(Kind.ROWS_NOT_EMPTY, subject.table, name, after=count) for name, count in found)


def _expect(world, name, **asked):
    found = _existing(world, name)
    require(wrong(world.subject.table, name, replace(found, **asked), found))


def _existing(world, name):
    """The column as it is; fails when the table has none of that name."""
    found = world.columns().get(name)
    require([Finding(Kind.COLUMN_MISSING, world.subject.table, name)] * (found is None))
    return found
