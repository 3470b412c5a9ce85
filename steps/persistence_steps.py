"""Patients as the service saves and reads them."""

from behave import given, then, when

from steps.support.spec.persistence import many, refusals, rows, whatsapp
from steps.support.spec.persistence.rows import AWKWARD_TEXTS


@given("un objeto {model} con {column}='{value}'")
def object_with(context, model, column, value):
    """Un objeto del modelo, todavía sin guardar, con ese valor en esa columna."""
    rows.new(context.world, model, {column: value})


@given("un objeto {model} sin {column}")
def object_without(context, model, column):
    """Un objeto del modelo, todavía sin guardar, en el que nadie dijo ese dato ni otro de los nuevos."""
    rows.new_without(context.world, model, column)


@given("un objeto {model} con {column} en blanco")
def object_with_null(context, model, column):
    """Un objeto del modelo, todavía sin guardar, con esa columna vacía a propósito."""
    rows.new(context.world, model, {column: None})


@given("un objeto Patient con {text} en cada dato nuevo")
def patient_with_awkward_texts(context, text):
    """Un paciente del modelo, todavía sin guardar, con un texto difícil en cada columna de la migración."""
    rows.new(context.world, "Patient", dict.fromkeys(context.world.subject.columns, AWKWARD_TEXTS[text]))


@given("un objeto Patient con {text} en '{column}'")
def patient_with_awkward_text(context, text, column):
    """Un paciente del modelo, todavía sin guardar, con un texto difícil en esa columna."""
    rows.new(context.world, "Patient", {column: AWKWARD_TEXTS[text]})


@given("un paciente que llegó por WhatsApp con {what}")
def patient_from_whatsapp(context, what):
    """Un paciente del modelo, todavía sin guardar, con lo que WhatsApp manda de un anuncio."""
    whatsapp.new_patient(context.world, what)


@given("un paciente guardado con toda su atribución")
def patient_saved_with_attribution(context):
    """Guarda un paciente con los cinco datos de atribución y anota todos sus valores."""
    rows.saved_with_attribution(context.world)


@when("se intenta guardar en la base de datos")
def attempt_to_save(context):
    """Guarda el paciente con el modelo del servicio, termine como termine."""
    refusals.attempt_to_save(context.world)


@when("se cambia solamente su '{column}' a '{value}'")
def change_one(context, column, value):
    """Lee el paciente, cambia solamente la columna que se nombra y lo guarda."""
    rows.change(context.world, column, value)


@when("se guardan {count:d} pacientes de una vez")
def save_many(context, count):
    """Guarda de una sola vez la cantidad de pacientes que se nombra, cada uno con su anuncio."""
    many.save(context.world, count)


@when("se intenta guardar {count:d} pacientes de una vez, uno repetido")
def attempt_to_save_many(context, count):
    """Guarda de una vez varios pacientes entre los que hay un teléfono repetido, termine como termine."""
    many.attempt_with_one_repeated(context.world, count)


@when("se guarda en la base de datos")
def save_patient(context):
    """Guarda el paciente como lo hace el servicio, con el modelo y en una sesión propia."""
    rows.save(context.world)


@then("el valor se persiste correctamente sin errores de esquema")
def value_is_persisted(context):
    """Leído en otra sesión y otra conexión, el paciente tiene lo que se guardó."""
    rows.expect_saved(context.world)


@then("al leerlo de nuevo '{column}' es '{value}'")
def column_reads_back(context, column, value):
    """Leído en otra sesión, el paciente tiene ese valor en esa columna."""
    rows.expect_value(context.world, column, value)


@then("al leerlo de nuevo '{column}' está en blanco")
def column_reads_back_null(context, column):
    """Leído en otra sesión, el paciente no tiene nada en esa columna."""
    rows.expect_value(context.world, column, None)


@then("al leerlo de nuevo los datos del anuncio están en blanco")
def ad_reads_back_null(context):
    """Leído en otra sesión, el paciente no tiene campaña, anuncio ni texto de anuncio."""
    rows.expect_no_ad(context.world)


@then("al leerlo de nuevo los cinco datos son los mismos")
def five_values_read_back(context):
    """En otra sesión, los cinco datos son los que se guardaron; los que nadie dijo, sus valores por defecto."""
    rows.expect_all(context.world)


@then("en la tabla están los mismos, letra por letra")
def five_values_are_in_the_table(context):
    """Leídos de la tabla con SQL, sin el modelo, los cinco datos son los que se guardaron, byte por byte."""
    whatsapp.expect_in_table(context.world)


@then("al leerlo de nuevo cambió solamente '{column}'")
def only_one_changed(context, column):
    """Lee el paciente en otra conexión: cambió la columna que se nombra y ninguna otra."""
    rows.expect_only_change(context.world, column)


@then("el error nombra la columna '{column}' y dice por qué")
def error_names_column(context, column):
    """El error, en una sola línea, dice de qué columna se trata y qué tiene de imposible su texto."""
    refusals.expect_said(context.world, column)


@then("la misma sesión guarda después un paciente sin problema")
def session_goes_on(context):
    """La misma sesión, después del error, guarda otro paciente sin inconvenientes."""
    refusals.expect_went_on(context.world)


@then("se leen los {count:d} con su anuncio")
def many_read_back(context, count):
    """Lee en otra conexión tantos pacientes como se guardaron, cada uno con su anuncio."""
    many.expect_read_back(context.world, count)


@then("no quedó ninguno de ellos")
def none_of_them_is_left(context):
    """En la tabla no quedó ninguno de los pacientes que se intentó guardar."""
    many.expect_none(context.world)
