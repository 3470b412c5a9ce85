"""Where a scenario begins."""

from behave import given

from steps.support.spec import starting_points


@given("la tabla ya tiene datos")
def table_has_data(context):
    """Las tablas tras años de uso, con clínicas y pacientes inventados (-D patients dice cuántos)."""
    starting_points.with_rows(context.world)


@given("la tabla '{table}' ya tiene datos")
def named_table_has_data(context, table):
    """Las tablas tras años de uso, con clínicas y pacientes inventados (-D patients dice cuántos)."""
    starting_points.with_rows(context.world.on(table))


@given("la tabla existe y está vacía")
def table_is_empty(context):
    """Las tablas del producto antes de la migración, sin una fila."""
    starting_points.empty_tables(context.world)


@given("la tabla ya tiene lo nuevo, con datos")
def table_has_values(context):
    """Las tablas con clínicas y pacientes, ya con lo que agrega la migración, y algunas filas con datos en ello."""
    starting_points.with_values(context.world)


@given("la tabla ya tiene '{names}' de un intento anterior")
def table_has_some_columns(context, names):
    """Las tablas con clínicas y pacientes, con una parte de lo nuevo: una migración cortada por la mitad."""
    starting_points.with_columns(context.world, names.split(", "))


@given("la tabla ya tiene {name} de tipo {definition}")
def table_has_column_as(context, name, definition):
    """Agrega con SQL una de las columnas nuevas con otra definición, como si alguien la hubiera creado a mano."""
    starting_points.with_column_as(context.world, name, definition)


@given("la tabla está {shape}")
def table_is_shaped(context, shape):
    """Da a la tabla una de las formas que tienen las tablas en producción, con los mismos pacientes."""
    starting_points.shaped(context.world, shape)


@given("la base de datos ya está migrada")
def database_is_migrated(context):
    """Las tablas con clínicas y pacientes, después de ejecutar el script de migración."""
    starting_points.already_migrated(context.world)


@given("una base de datos vacía y otra con las tablas de antes de la migración")
def one_database_for_each_way(context):
    """Dos bases de datos: una sin tablas, y otra con las tablas de antes de la migración."""
    starting_points.one_for_each_way(context.world)


@given("la tabla, migrada con la herramienta de cambios, tiene datos en lo nuevo de {count:d} filas")
def migrated_by_alembic_with_values(context, count):
    """Las tablas con clínicas y pacientes, migradas con Alembic, y tantas filas con datos en las columnas nuevas."""
    starting_points.migrated_by_alembic(context.world, count)
