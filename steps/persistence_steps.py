"""Patients as the service saves and reads them."""

from behave import given, then, when

from steps.support import persistence
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
