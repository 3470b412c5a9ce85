"""Running the script, and what it may not change."""

from behave import then, when

from steps.support import migration, retention


@when("se ejecuta el script de migración '{script}'")
def run_migration_script(context, script):
    migration.run(context.world, script)


@when("se intenta ejecutar el script de migración '{script}'")
def attempt_migration_script(context, script):
    migration.attempt(context.world, script)


@when("se ejecuta dos veces el script de migración '{script}'")
def run_migration_script_twice(context, script):
    migration.run_twice(context.world, script)


@then("se niega por el tipo de '{column}'")
def refuses_for_the_type_of(context, column):
    migration.expect_refusal(context.world, migration.DATATYPE_MISMATCH, column)


@then("las dos veces termina sin error")
def both_runs_succeed(context):
    migration.expect_every_success(context.world)


@then("la segunda vez no cambió nada")
@then("no cambió nada")
def nothing_changed(context):
    retention.expect_nothing_changed(context.world)


@then("no se perdieron datos de pacientes existentes")
def no_data_was_lost(context):
    retention.expect_no_data_lost(context.world)


@then("restricciones, índices, claves, valores por defecto, disparadores y permisos siguen como estaban")
def structure_is_the_same(context):
    retention.expect_same_structure(context.world)


@then("todos los pacientes existentes tienen '{column}' igual a '{value}'")
def every_patient_has(context, column, value):
    retention.expect_every_patient(context.world, column, value)


@then("ningún paciente existente tiene campaña ni anuncio")
def no_patient_has_an_ad(context):
    retention.expect_no_ad(context.world)


@then("el próximo paciente recibe el número que le tocaba")
def next_patient_gets_its_number(context):
    retention.expect_next_number(context.world)
