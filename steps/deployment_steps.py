"""Yesterday's service beside the migration."""

from behave import given, then, when

from steps.support.spec.deployment import prepared, rollout


@given("un servicio ya preparó sus consultas")
def service_has_prepared(context):
    """Un servicio dejó preparadas en el servidor sus consultas, cada columna por su nombre."""
    prepared.start(context.world)


@when("se ejecuta la migración con el servicio de siempre trabajando")
def migrate_under_old_service(context):
    """Ejecuta el script mientras un servicio anterior, que no conoce las columnas, sigue conectado y trabajando."""
    rollout.migrate_under_old_service(context.world)


@then("el servicio de siempre sigue leyendo, cargando y cambiando pacientes")
def old_service_goes_on(context):
    """El servicio anterior lee, agrega y modifica pacientes después de la migración sin ningún error."""
    rollout.expect_old_service_works(context.world)


@then("el paciente que cargó figura como '{source}'")
def its_patient_has_source(context, source):
    """El paciente que agregó el servicio anterior tiene en la tabla el origen que se nombra."""
    rollout.expect_source_of_its_patient(context.world, source)


@then("las consultas preparadas siguen andando sin un solo error")
def prepared_statements_go_on(context):
    """El servicio lee, agrega y modifica filas con las consultas que preparó antes de la migración, sin errores."""
    prepared.expect_works(context.world)
