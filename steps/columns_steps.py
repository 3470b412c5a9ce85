"""What the five columns are like."""

from behave import then

from steps.support.spec import columns
from steps.support.spec.columns import Column, default_named


@then("la tabla 'patients' tiene la columna '{name}' con default '{default}'")
def table_has_column_with_default(context, name, default):
    """patients tiene la columna, con ese valor por defecto."""
    columns.expect_default(context.world.database, name, default)


@then("la columna '{name}' existe y permite NULLs")
def column_exists_and_admits_null(context, name):
    """patients tiene la columna, y un paciente puede no tener ese dato."""
    columns.expect_nullable(context.world.database, name)


@then("la columna '{name}' es de tipo {kind}, con {default} y permite NULLs")
def column_is(context, name, kind, default):
    """patients tiene la columna, con ese tipo y ese valor por defecto, y admite NULL."""
    columns.expect_column(context.world.database, name, Column(kind, default_named(default)))


@then("las cinco columnas quedan como las pide la especificación")
def five_columns_as_specified(context):
    """Las cinco columnas existen con el tipo, el valor por defecto y la opcionalidad de la especificación."""
    columns.expect_as_specified(context.world.database)


@then("las columnas nuevas de 'patients' son exactamente")
def new_columns_are(context):
    """La migración agregó las columnas de la tabla que sigue al paso, y ninguna más."""
    expected = [row["columna"] for row in context.table]
    columns.expect_new(context.world.evidence.copy, context.world.database, expected)


@then("la tabla 'patients' ya no tiene las cinco columnas")
def five_columns_are_gone(context):
    """patients volvió a no tener ninguna de las cinco columnas."""
    columns.expect_none(context.world.database)
