"""Where a scenario begins. A Given builds its world below the script; what is already migrated alone runs it."""

from pathlib import Path
from string import Template

from behave import given, register_type
from parse_type import TypeBuilder
from sqlalchemy.exc import ProgrammingError

from steps.support import spanish
from steps.support.postgres import psql, roles
from steps.support.postgres.server import first_line, rights
from steps.support.seeds import seed
from steps.support.unmet import require

register_type(Shape=TypeBuilder.make_enum({
    "dividida por clínica": "by_clinic.sql",
    "dividida por fecha": "by_date.sql",
    "consultada por vistas": "under_views.sql",
    "copiada a otro servidor": "published.sql",
    "ampliada por otra tabla": "inherited.sql",
    "con una columna calculada": "with_generated_column.sql",
    "con otras de nombre parecido": "with_neighbours.sql",
}))  # fmt: skip


@given("la tabla ya tiene datos")
@given("la tabla 'patients' ya tiene datos")
def table_has_data(context):
    """Las tablas tras años de uso, con clínicas y pacientes inventados (-D patients dice cuántos)."""
    context.world.begin_with(context.world.suite.before(context.world.subject))


@given("la tabla existe y está vacía")
def table_is_empty(context):
    """Las tablas del producto antes de la migración, sin una fila."""
    world = context.world
    database = world.begin_with(None)
    world.suite.product.seeds.tables(database, world.subject)
    for earlier in world.suite.product.before(world.subject):
        world.expect_success(psql.run_file(database, world.suite.script_of(earlier)), of=earlier)


@given("una base de datos vacía y otra con las tablas de antes de la migración")
def one_database_for_each_way(context):
    """Dos bases de datos: una sin tablas, y otra con las tablas de antes de la migración."""
    context.world.begin_with(None)
    table_is_empty(context)


@given("la base de datos ya está migrada")
def database_is_migrated(context):
    """Las tablas con clínicas y pacientes, después de ejecutar el script de migración."""
    template, outcome = context.world.suite.migrated(context.world.subject)
    context.world.expect_success(outcome)
    context.world.begin_with(template)


@given("la tabla ya tiene '{parts}' de un intento anterior")
def table_has_some_parts(context, parts):
    """Las tablas con clínicas y pacientes, con una parte de lo nuevo: una migración cortada por la mitad."""
    table_has_data(context)
    _add(context.world, parts.split(", "))


@given("la tabla ya tiene lo nuevo, con datos")
def table_has_values(context):
    """Las tablas con clínicas y pacientes, ya con lo que agrega la migración, y algunas filas con datos en ello."""
    table_has_data(context)
    _add(context.world)
    _give_values(context.world, rows=9)


@given("la tabla, migrada con la herramienta de cambios, tiene datos en lo nuevo de {count:d} filas")
def migrated_by_alembic_with_values(context, count):
    """Las tablas con clínicas y pacientes, migradas con Alembic, y tantas filas con datos en las columnas nuevas."""
    world = context.world
    table_has_data(context)
    world.expect_success(world.suite.alembic.upgrade(world.changing(), world.subject))
    require(world.not_as_asked())
    _give_values(world, count)


@given("la tabla ya tiene {column} de tipo {definition}")
def table_has_column_as(context, column, definition):
    """Agrega con SQL una de las columnas nuevas con otra definición, como si alguien la hubiera creado a mano."""
    assert column in context.world.subject.columns, f"{column} no es una columna que agregue la migración."
    table_has_data(context)
    context.odd_column = column
    try:
        context.world.change(f"ALTER TABLE {context.world.subject.relation} ADD COLUMN {column} {definition}")
    except ProgrammingError as error:
        raise AssertionError(f"«{definition}» no es la definición de una columna: {first_line(error.orig)}") from error


@given("la tabla está {shape:Shape}")
def table_is_shaped(context, shape):
    """Da a la tabla una de las formas que tienen las tablas en producción, con los mismos pacientes."""
    table_has_data(context)
    subject, column = context.world.subject, next(iter(context.world.subject.columns), "")
    moments = [name for name, one in context.world.columns().items() if one.type == "TIMESTAMPTZ"]
    names = {
        "table": subject.table, "Table": subject.table.capitalize(), "column": column, "Column": column.title(),
        "key": subject.key, "tenant": subject.tenant and subject.tenant.column, "moment": moments and moments[0],
    }  # fmt: skip
    sql = Template((Path(seed.__file__).with_name("shapes") / shape).read_text(encoding="utf-8"))
    if lacking := [name for name in sql.get_identifiers() if not names[name]]:
        context.scenario.skip(f"{subject.table} no tiene con qué: {', '.join(lacking)}")
    else:
        context.world.change(sql.substitute(names))


@given("a la tabla casi no le queda lugar para columnas")
def table_is_nearly_full(context):
    """A la tabla le queda lugar para una columna menos de las que la migración agrega."""
    table_has_data(context)
    world, table = context.world, context.world.subject.relation
    last = world.change(f"SELECT max(attnum)::int FROM pg_attribute WHERE attrelid = '{table}'::regclass")
    most = 1600  # Postgres's own limit; a dropped column counts
    names = [f"filler_{number}" for number in range(most - len(world.subject.columns) + 1 - last)]
    world.change(f"ALTER TABLE {table} " + ", ".join(f"ADD {name} bool" for name in names))
    world.change(f"ALTER TABLE {table} " + ", ".join(f"DROP {name}" for name in names))


@given("la tabla es de un dueño que no administra el servidor")
def table_has_a_plain_owner(context):
    """La tabla, con sus datos, es de un rol que no puede en el servidor más que lo que es suyo."""
    table_has_data(context)
    world = context.world
    with world.changing().connect() as connection:
        roles.ensure(connection, world.subject.roles)  # such an owner cannot
        context.owner = roles.OWNER if rights(connection).superuser else ""  # else we are such an owner ourselves
        for relation in world.subject.relations if context.owner else ():
            connection.exec_driver_sql(f"ALTER TABLE {relation} OWNER TO {context.owner}")


def _add(world, parts=()):
    """Add some of what the migration adds, or all of it, as its specification asks for it."""
    subject = world.subject
    there_are = {
        name: f"ALTER TABLE {subject.relation} ADD COLUMN {name} {column.definition}"
        for name, column in subject.columns.items()
    } | {f"{spanish.SORTS[one.sort]} {one.place}": one.by_hand for one in subject.facts}
    for part in parts:
        assert part in there_are, f"«{part}» no es algo que agregue la migración. Puede ser: {'; '.join(there_are)}."
    with world.database.connect() as connection:
        roles.ensure(connection, subject.roles)
    world.change(";".join(there_are[part] for part in parts or there_are))


def _give_values(world, rows):
    """Give the first rows values in the migration's columns."""
    subject = world.subject
    values = ", ".join(f"{column} = {value}" for column, value in subject.values.items())
    if values and rows:
        some = f"SELECT {subject.key} FROM {subject.relation} ORDER BY {subject.key} LIMIT {rows}"
        world.change(f"UPDATE {subject.relation} SET {values} WHERE {subject.key} IN ({some})")
