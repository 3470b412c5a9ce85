"""Where a scenario begins."""

from behave import given

from steps.support.spec import starting_points


@given("la tabla '{table}' ya tiene datos")
def table_has_data(context, table):
    """Las tablas tras años de uso, con clínicas y pacientes inventados (-D patients dice cuántos)."""
    starting_points.with_rows(context.world.on(table))


@given("la tabla 'patients' existe y está vacía")
@given("las tablas de antes de la migración, sin datos")
def tables_of_the_day_before(context):
    """Las tablas del producto antes de la migración, sin una fila."""
    starting_points.empty_tables(context.world)


@given("la tabla '{table}' ya tiene lo nuevo y datos en ello")
def table_has_values(context, table):
    """Las tablas con clínicas y pacientes, ya con las columnas de la migración, y algunas filas con datos en ellas."""
    starting_points.with_values(context.world.on(table))


@given("la tabla '{table}' ya tiene '{names}' de un intento anterior")
def table_has_some_columns(context, table, names):
    """Las tablas con clínicas y pacientes, con algunas de las columnas nuevas: una migración cortada por la mitad."""
    starting_points.with_columns(context.world.on(table), names.split(", "))


@given("la columna '{name}' de '{table}' ya existe como {definition}")
def column_exists_as(context, name, table, definition):
    """Agrega con SQL una de las columnas nuevas con otra definición, como si alguien la hubiera creado a mano."""
    starting_points.with_column_as(context.world.on(table), name, definition)


@given("la tabla '{table}' está {shape}")
def table_is_shaped(context, table, shape):
    """Da a la tabla una de las formas que tienen las tablas en producción, con los mismos pacientes."""
    starting_points.shaped(context.world.on(table), shape)


@given("la base de datos ya está migrada")
def database_is_migrated(context):
    """Las tablas con clínicas y pacientes, después de ejecutar el script de migración."""
    starting_points.already_migrated(context.world)


@given("una base de datos vacía y otra con las tablas de antes de la migración")
def one_database_for_each_way(context):
    """Dos bases de datos: una sin tablas, y otra con las tablas de antes de la migración."""
    starting_points.one_for_each_way(context.world)


@given("la base de datos lleva la historia de Alembic de otro proyecto")
def database_has_foreign_history(context):
    """La base de datos dice que la migró otro proyecto: una revisión de Alembic que aquí no existe."""
    starting_points.with_foreign_history(context.world)


@given("la tabla '{table}', migrada con Alembic, tiene datos en lo nuevo de {count:d} {rows}")
def migrated_by_alembic_with_values(context, table, count, rows):
    """Las tablas con clínicas y pacientes, migradas con Alembic, y tantas filas con datos en las columnas nuevas."""
    starting_points.migrated_by_alembic(context.world.on(table, rows), count)
