"""Where a scenario begins."""

from behave import given

from steps.support.spec import columns, starting_points


@given("la tabla 'patients' ya tiene datos")
def table_has_data(context):
    """Las tablas tras años de uso, con clínicas y pacientes inventados (-D patients dice cuántos)."""
    starting_points.with_patients(context.world)


@given("la tabla 'patients' existe y está vacía")
@given("las tablas de ayer, sin datos")
def tables_of_the_day_before(context):
    """Las tablas del producto antes de la migración, sin una fila."""
    starting_points.empty_tables(context.world)


@given("la tabla 'patients' ya tiene las cinco columnas y pacientes con atribución")
def table_has_attribution(context):
    """Las tablas con clínicas y pacientes, ya con las cinco columnas, y algunos pacientes con su anuncio."""
    starting_points.with_attribution(context.world)


@given("la tabla 'patients' ya tiene las columnas '{names}' de un intento anterior")
def table_has_some_columns(context, names):
    """Las tablas con clínicas y pacientes, con algunas de las cinco columnas: una migración cortada por la mitad."""
    starting_points.with_columns(context.world, names.split(", "))


@given("la tabla 'patients' también tiene las cinco columnas")
def table_has_the_five_columns_too(context):
    """Agrega las cinco columnas con SQL, tal como las pide la especificación."""
    starting_points.add_columns(context.world, list(columns.DEFINITIONS))


@given("la columna '{name}' ya existe como {definition}")
def column_exists_as(context, name, definition):
    """Agrega con SQL una de las cinco columnas con otra definición, como si alguien la hubiera creado a mano."""
    starting_points.with_column_as(context.world, name, definition)


@given("la tabla 'patients' está {shape}")
def table_is_shaped(context, shape):
    """Da a la tabla una de las formas que tienen las tablas en producción, con los mismos pacientes."""
    starting_points.shaped(context.world, shape)


@given("la base de datos ya está migrada")
def database_is_migrated(context):
    """Las tablas con clínicas y pacientes, después de ejecutar el script de migración."""
    starting_points.already_migrated(context.world)


@given("una base de datos vacía para Alembic y otra con las tablas de ayer para psql")
def one_database_for_each_way(context):
    """Dos bases de datos: una sin tablas, y otra con las tablas de antes de la migración."""
    starting_points.one_for_each_way(context.world)


@given("la base de datos lleva la historia de Alembic de otro proyecto")
def database_has_foreign_history(context):
    """La base de datos dice que la migró otro proyecto: una revisión de Alembic que aquí no existe."""
    starting_points.with_foreign_history(context.world)


@given("una base de datos migrada con Alembic, con {count:d} pacientes atribuidos")
def migrated_by_alembic_with_attribution(context, count):
    """Las tablas con clínicas y pacientes, migradas con Alembic, y tantos pacientes con su anuncio."""
    starting_points.migrated_by_alembic(context.world, attributed=count)


@given("una base de datos migrada con Alembic, sin pacientes atribuidos")
def migrated_by_alembic_without_attribution(context):
    """Las tablas con clínicas y pacientes, migradas con Alembic, sin ningún paciente con anuncio."""
    starting_points.migrated_by_alembic(context.world, attributed=0)
