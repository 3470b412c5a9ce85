"""Patients as the service saves and reads them."""

from behave import given, then, when

from steps.support import many, persistence, refusals
from steps.support.persistence import AWKWARD_TEXTS


@given("un objeto Patient con acquisition_source='{source}'")
def patient_with_source(context, source):
    persistence.new_patient(context.world, {"acquisition_source": source})


@given("un objeto Patient sin acquisition_source")
def patient_without_source(context):
    persistence.new_patient(context.world, {})


@given("un objeto Patient con acquisition_source NULL")
def patient_with_null_source(context):
    persistence.new_patient(context.world, {"acquisition_source": None})


@given("un objeto Patient con")
def patient_with(context):
    persistence.new_patient(context.world, {row["dato"]: row["valor"] for row in context.table})


@given("un objeto Patient con {text} en '{column}'")
def patient_with_awkward_text(context, text, column):
    persistence.new_patient(context.world, {column: AWKWARD_TEXTS[text]})


@given("un paciente guardado con toda su atribución")
def patient_saved_with_attribution(context):
    persistence.saved_with_attribution(context.world)


@when("se intenta guardar en la base de datos")
def attempt_to_save(context):
    refusals.attempt_to_save(context.world)


@when("se cambia solamente su '{column}' a '{value}'")
def change_one(context, column, value):
    persistence.change(context.world, column, value)


@when("se guardan {count:d} pacientes de una vez")
def save_many(context, count):
    many.save(context.world, count)


@when("se intenta guardar {count:d} pacientes de una vez, uno repetido")
def attempt_to_save_many(context, count):
    many.attempt_with_one_repeated(context.world, count)


@when("se guarda en la base de datos")
def save_patient(context):
    persistence.save(context.world)


@then("el valor se persiste correctamente sin errores de esquema")
def value_is_persisted(context):
    persistence.expect_saved(context.world)


@then("al leerlo de nuevo '{column}' es '{value}'")
def column_reads_back(context, column, value):
    persistence.expect_value(context.world, column, value)


@then("al leerlo de nuevo '{column}' es NULL")
def column_reads_back_null(context, column):
    persistence.expect_value(context.world, column, None)


@then("al leerlo de nuevo los datos del anuncio son NULL")
def ad_reads_back_null(context):
    persistence.expect_no_ad(context.world)


@then("al leerlo de nuevo los cinco datos son los mismos")
def five_values_read_back(context):
    persistence.expect_all_five(context.world)


@then("al leerlo de nuevo cambió solamente '{column}'")
def only_one_changed(context, column):
    persistence.expect_only_change(context.world, column)


@then("el error nombra la columna '{column}' y dice '{reason}'")
def error_names_column(context, column, reason):
    refusals.expect_said(context.world, column, reason)


@then("la misma sesión guarda después un paciente sin problema")
def session_goes_on(context):
    refusals.expect_went_on(context.world)


@then("se leen los {count:d} con su anuncio")
def many_read_back(context, count):
    many.expect_read_back(context.world, count)


@then("no quedó ninguno de ellos")
def none_of_them_is_left(context):
    many.expect_none(context.world)
