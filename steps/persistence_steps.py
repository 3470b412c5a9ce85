"""Patients as the service saves and reads them."""

from behave import given, then, when

from steps.support import persistence
from steps.support.persistence import AWKWARD_TEXTS


@given("un objeto Patient con acquisition_source='{source}'")
def patient_with_source(context, source):
    """Un paciente del modelo, todavía sin guardar, con ese origen."""
    persistence.new_patient(context.world, {"acquisition_source": source})


@given("un objeto Patient sin acquisition_source")
def patient_without_source(context):
    """Un paciente del modelo, todavía sin guardar, del que nadie dijo el origen."""
    persistence.new_patient(context.world, {})


@given("un objeto Patient con acquisition_source NULL")
def patient_with_null_source(context):
    """Un paciente del modelo, todavía sin guardar, con el origen vacío a propósito."""
    persistence.new_patient(context.world, {"acquisition_source": None})


@given("un objeto Patient con")
def patient_with(context):
    """Un paciente del modelo, todavía sin guardar, con los datos de la tabla que sigue al paso."""
    persistence.new_patient(context.world, {row["dato"]: row["valor"] for row in context.table})


@given("un objeto Patient con {text} en '{column}'")
def patient_with_awkward_text(context, text, column):
    """Un paciente del modelo, todavía sin guardar, con un texto difícil en esa columna."""
    persistence.new_patient(context.world, {column: AWKWARD_TEXTS[text]})


@when("se guarda en la base de datos")
def save_patient(context):
    """Guarda el paciente como lo hace el servicio, con el modelo y en una sesión propia."""
    persistence.save(context.world)


@then("el valor se persiste correctamente sin errores de esquema")
def value_is_persisted(context):
    """Leído en otra sesión y otra conexión, el paciente tiene lo que se guardó."""
    persistence.expect_saved(context.world)


@then("al leerlo de nuevo '{column}' es '{value}'")
def column_reads_back(context, column, value):
    """Leído en otra sesión, el paciente tiene ese valor en esa columna."""
    persistence.expect_value(context.world, column, value)


@then("al leerlo de nuevo '{column}' es NULL")
def column_reads_back_null(context, column):
    """Leído en otra sesión, el paciente no tiene nada en esa columna."""
    persistence.expect_value(context.world, column, None)


@then("al leerlo de nuevo los datos del anuncio son NULL")
def ad_reads_back_null(context):
    """Leído en otra sesión, el paciente no tiene campaña, anuncio ni texto de anuncio."""
    persistence.expect_no_ad(context.world)


@then("al leerlo de nuevo los cinco datos son los mismos")
def five_values_read_back(context):
    """En otra sesión, los cinco datos son los que se guardaron; los que nadie dijo, sus valores por defecto."""
    persistence.expect_all_five(context.world)
