"""Running the script, and what it may not change."""

from behave import then, when

from steps.support.spec.migration import retention, specified
from steps.support.spec.migration import script as running


@when("se ejecuta la migración")
def run_migration(context):
    """Ejecuta con psql, como un DBA, el script (o el de -D migration); antes anota cómo estaba todo."""
    running.run(context.world)


@when("se ejecuta el script de migración '{script}'")
def run_migration_script(context, script):
    """Ejecuta con psql, como un DBA, el script (o el de -D migration); antes anota cómo estaba todo."""
    running.run(context.world.about(script))


@when("se intenta ejecutar la migración")
def attempt_migration(context):
    """Ejecuta el script con psql, termine como termine; antes anota cómo estaba todo."""
    running.attempt(context.world)


@when("se ejecuta dos veces la migración")
def run_migration_twice(context):
    """Ejecuta el script dos veces seguidas con psql; entre una y otra anota cómo estaba todo."""
    running.run_twice(context.world)


@then("se niega, y nombra esa columna")
def refuses_for_the_type(context):
    """El script terminó con el error 42804 y nombra la columna cuyo tipo no puede cambiar."""
    running.expect_type_refused(context.world, context.world.odd_column)


@then("termina sin error")
@then("las dos veces termina sin error")
@then("todas terminan sin error")
def every_run_succeeds(context):
    """Ninguna de las ejecuciones terminó con error."""
    running.expect_every_success(context.world)


@then("lo que la migración agrega queda como se pide")
def everything_as_specified(context):
    """Lo que la migración agrega (columnas, con su tipo y su valor por defecto; políticas, permisos) es lo pedido."""
    specified.expect_everything(context.world)


@then("la tabla ya no tiene lo nuevo")
def nothing_new_is_left(context):
    """No queda nada de lo que la migración agrega."""
    specified.expect_nothing(context.world)


@then("la segunda vez no cambió nada")
@then("no cambió nada")
def nothing_changed(context):
    """Desde que se anotó cómo estaba todo, no cambió ninguna fila, ninguna regla ni ningún archivo de las tablas."""
    retention.expect_nothing_changed(context.world)


@then("no se perdieron datos existentes")
@then("no se perdieron datos de pacientes existentes")
def no_data_was_lost(context):
    """Cada fila de cada tabla conserva letra por letra lo que tenía antes; no falta ni sobra ninguna."""
    retention.expect_no_data_lost(context.world)


@then("las reglas y los permisos de las tablas siguen como estaban")
def structure_is_the_same(context):
    """Restricciones, índices, claves, valores por defecto, disparadores y permisos, salvo lo que se agrega."""
    retention.expect_same_structure(context.world)


@then("todos los pacientes existentes tienen '{column}' igual a '{value}'")
def every_patient_has(context, column, value):
    """Todos los pacientes de todas las clínicas tienen ese valor en esa columna."""
    retention.expect_every_row(context.world, column, value)


@then("ningún paciente existente tiene campaña ni anuncio")
def no_patient_has_an_ad(context):
    """Ningún paciente tiene campaña, anuncio ni texto de anuncio."""
    retention.expect_no_value(context.world)


@then("la próxima fila recibe el número que le tocaba")
def next_row_gets_its_number(context):
    """Una fila agregada después recibe el número que le habría tocado antes de la migración."""
    retention.expect_next_number(context.world)
