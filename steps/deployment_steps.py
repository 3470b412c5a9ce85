"""The service and the migration, in either order."""

from behave import given, then, when

from steps.support.spec.deployment import prepared, rollout


@given("un servicio con {driver} ya preparó sus consultas de {rows}")
def service_has_prepared(context, driver, rows):
    """Un servicio, con ese conector, dejó preparadas en el servidor sus consultas, cada columna por su nombre."""
    prepared.start(context.world.on(context.world.subject.table, rows), driver, context.scenario.skip)


@when("se ejecuta '{script}' con el servicio de siempre trabajando")
def migrate_under_old_service(context, script):
    """Ejecuta el script mientras un servicio anterior, que no conoce las columnas, sigue conectado y trabajando."""
    rollout.migrate_under_old_service(context.world.about(script))


@when("el servicio nuevo intenta {deed} un paciente")
def new_service_attempts(context, deed):
    """El servicio nuevo, sobre la tabla sin migrar, intenta lo que se nombra, por ejemplo leer o guardar."""
    rollout.attempt_unmigrated(context.world, deed)


@then("el error es una sola línea que nombra la migración '{script}'")
def error_names_the_migration(context, script):
    """El error ocupa una sola línea y dice qué script hay que ejecutar."""
    rollout.expect_named(context.world.about(script))


@then("el servicio de siempre sigue leyendo, cargando y cambiando pacientes")
def old_service_goes_on(context):
    """El servicio anterior lee, agrega y modifica pacientes después de la migración sin ningún error."""
    rollout.expect_old_service_works(context.world)


@then("el paciente que cargó figura como '{source}'")
def its_patient_has_source(context, source):
    """El paciente que agregó el servicio anterior tiene en la tabla el origen que se nombra."""
    rollout.expect_source_of_its_patient(context.world, source)


@then("sus consultas preparadas siguen andando sin un solo error")
def prepared_statements_go_on(context):
    """El servicio lee, agrega y modifica filas con las consultas que preparó antes de la migración, sin errores."""
    prepared.expect_works(context.world)
