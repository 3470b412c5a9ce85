"""What the five columns are like."""

from behave import then

from steps.support.spec import columns


@then("la tabla '{table}' tiene la columna '{name}' con default '{default}'")
def table_has_column_with_default(context, table, name, default):
    """La tabla tiene la columna, con ese valor por defecto."""
    columns.expect_default(context.world.on(table), name, default)


@then("la columna '{name}' existe y permite NULLs")
def column_exists_and_admits_null(context, name):
    """La tabla tiene la columna, y una fila puede no tener ese dato."""
    columns.expect_nullable(context.world, name)


@then("la columna '{name}' es de tipo {kind}, con {default} y permite NULLs")
def column_is(context, name, kind, default):
    """La tabla tiene la columna, con ese tipo y ese valor por defecto, y admite NULL."""
    columns.expect_column(context.world, name, kind, default)


@then("en todas las máquinas son iguales")
def columns_are_the_same_on_every_shard(context):
    """En cada fragmento de la tabla, en la máquina que sea, las columnas son las mismas."""
    columns.expect_on_every_shard(context.world)


@then("las columnas nuevas son exactamente las que pide la especificación")
def new_columns_are(context):
    """La migración agregó a la tabla las columnas de la especificación, y ninguna más."""
    columns.expect_new(context.world)
