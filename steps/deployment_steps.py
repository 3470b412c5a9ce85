"""The service and the migration, in either order."""

from behave import given, then, when

from steps.support.spec.deployment import prepared, replicated, rollout


@given("un servicio con {driver} ya preparó sus consultas de {rows}")
def service_has_prepared(context, driver, rows):
    """Un servicio, con ese conector, dejó preparadas en el servidor sus consultas, cada columna por su nombre."""
    prepared.start(context.world.on(context.world.subject.table, rows), driver, context.scenario.skip)


@when("se ejecuta '{script}' con el servicio de siempre trabajando")
def migrate_under_old_service(context, script):
    """Ejecuta el script mientras un servicio anterior, que no conoce las columnas, sigue conectado y trabajando."""
    rollout.migrate_under_old_service(context.world.about(script))


@given("otra base recibe una copia continua de la tabla")
def another_database_receives_a_copy(context):
    """Otra base de datos, con las mismas filas, recibe por replicación lógica todo lo que se anota en la tabla."""
    replicated.begin(context.world, context.scenario.skip)


@when("se ejecuta '{script}' primero en la copia y después en el origen")
def migrate_copy_first(context, script):
    """Ejecuta el script en la copia, anota una fila, lo ejecuta en el origen y anota otra."""
    replicated.migrate_copy_first(context.world.about(script))


@when("se ejecuta '{script}' primero en el origen, y en la copia cuando ya se detuvo")
def migrate_origin_first(context, script):
    """Ejecuta el script en el origen, anota una fila, espera a que la copia se detenga y lo ejecuta en la copia."""
    replicated.migrate_origin_first(context.world.about(script))


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


@then("la copia nunca dejó de recibir")
def copy_never_stopped(context):
    """El proceso que recibe los cambios en la copia es el mismo desde antes de la migración."""
    replicated.expect_never_stopped(context.world)


@then("la copia se detuvo mientras le faltaban las columnas")
def copy_stopped(context):
    """El proceso que recibe los cambios en la copia terminó al llegarle una fila con columnas que no tiene."""
    replicated.expect_stopped(context.world)


@then("la copia tiene todo lo anotado")
def copy_has_everything(context):
    """Las filas anotadas durante la migración están en la copia, con los mismos datos en las columnas nuevas."""
    replicated.expect_received(context.world)
