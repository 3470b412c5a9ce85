"""Patients as the service saves and reads them: through its model, on a new session and connection each time."""

from behave import given, register_type, then, when
from parse_type import TypeBuilder
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import DBAPIError

from orchestrator_service.db.models_dental import Patient
from orchestrator_service.db.storable import UnstorableValueError
from steps.support.finding import Finding, Kind, differing
from steps.support.postgres.outcome import sqlstate_of
from steps.support.postgres.server import first_line
from steps.support.unmet import require

ATTRIBUTION = {
    "acquisition_source": "META_ADS", "meta_campaign_id": "120208466731130123", "meta_ad_id": "120208466731140456",
    "meta_ad_headline": "Blanqueamiento 🦷", "meta_ad_body": "Turnos esta semana\n¡Escribinos!",
}  # fmt: skip
# What the service says of a value that cannot be stored.
NUL, SURROGATE, NUMBER = "antes\0después", "sonrisa \ud83e", 120208466731140456
REASONS = {NUL: "NUL", SURROGATE: "lone surrogate", NUMBER: "give the digits"}
# What WhatsApp sends with a patient's first message when an ad brought them. Ad ids have 18 digits, beyond what a
# float64 holds; a headline has up to 255 characters, a body up to 2,200; a campaign is never named.
HEADLINE = "¿Sonrisa nueva? Turnos esta semana 🦷 "
BODY = "Blanqueamiento y limpieza.\nLunes a sábado,\r\n\tde 8 a 20.\n\n¡Escribinos! 👇🏽 "

register_type(Awkward=TypeBuilder.make_enum({
    "emoji": "🦷 sonrisa 👩🏽‍⚕️",
    "comillas": """'simples' "dobles" «latinas» \\ % $1 :x --""",
    "un texto vacío": "",
    "texto de derecha a izquierda": "\u200fعيادة الأسنان\u200f שן",
    "varias líneas": "Turnos\n\thoy\r\n  y mañana  ",
    "un número de veinte cifras": "00120208466731130123",
    "un anuncio de 100 kB": "Promoción 🦷. " * 6400,
    "una letra que ninguna base puede guardar": NUL,
    "un emoji cortado por la mitad": SURROGATE,
    "un número en vez de un texto": NUMBER,
}))  # fmt: skip
register_type(Referral=TypeBuilder.make_enum({
    "un número de anuncio de 18 cifras": {"meta_ad_headline": "Sonrisa", "meta_ad_body": "Turnos"},
    "un título de 255 letras": {"meta_ad_headline": (HEADLINE * 7)[:255], "meta_ad_body": "Turnos"},
    "un texto de 2200 letras en varios renglones": {"meta_ad_headline": "Sonrisa", "meta_ad_body": (BODY * 30)[:2200]},
    "emojis unidos entre sí": {"meta_ad_headline": "👩🏽‍⚕️👨‍👩‍👧‍👦🏳️‍🌈🇦🇷", "meta_ad_body": "1️⃣ pedí turno 👉🏾 2️⃣ vení"},
    "un texto con {{product.name}} sin completar": {"meta_ad_body": "Probá {{product.name}} por $ {{product.price}}"},
    "un anuncio sin campaña": {"meta_campaign_id": None, "meta_ad_headline": "Sonrisa", "meta_ad_body": "Turnos"},
    "un título vacío": {"meta_ad_headline": "", "meta_ad_body": "Turnos"},
}))  # fmt: skip


@given("un objeto Patient con {column}='{value}'")
def object_with(context, column, value):
    """Un objeto del modelo, todavía sin guardar, con ese valor en esa columna."""
    _new(context, {column: value})


@given("un objeto Patient sin acquisition_source")
def object_without(context):
    """Un objeto del modelo, todavía sin guardar, sin ese dato ni otro de los nuevos."""
    _new(context, {})


@given("un objeto Patient con {column} en blanco")
def object_with_null(context, column):
    """Un objeto del modelo, todavía sin guardar, con esa columna vacía a propósito."""
    _new(context, {column: None})


@given("un objeto Patient con {text:Awkward} en cada dato nuevo")
def object_with_awkward_texts(context, text):
    """Un paciente del modelo, todavía sin guardar, con un texto difícil en cada columna de la migración."""
    _new(context, dict.fromkeys(context.world.subject.columns, text))


@given("un objeto Patient con {text:Awkward} en '{column}'")
def object_with_awkward_text(context, text, column):
    """Un paciente del modelo, todavía sin guardar, con un texto difícil en esa columna."""
    _new(context, {column: text})


@given("un paciente que llegó por WhatsApp con {referral:Referral}")
def patient_from_whatsapp(context, referral):
    """Un paciente del modelo, todavía sin guardar, con lo que WhatsApp manda de un anuncio."""
    _new(context, {"acquisition_source": "META_ADS", "meta_ad_id": "120208466731140457"} | referral)


@given("un paciente guardado con toda su atribución")
def patient_saved_with_attribution(context):
    """Guarda un paciente con los cinco datos de atribución."""
    _new(context, ATTRIBUTION)
    save_patient(context)


@when("se guarda en la base de datos")
def save_patient(context):
    """Guarda el paciente como lo hace el servicio, con el modelo y en una sesión propia."""
    try:
        with _session(context) as session:
            row = _patient(context)
            session.add(row)
            session.commit()
            context.key = row.id
    except DBAPIError as error:
        table = context.world.subject.table
        require([Finding(Kind.SAVE_FAILED, table, after=first_line(error.orig), what=sqlstate_of(error))])


@when("se intenta guardar en la base de datos")
def attempt_to_save(context):
    """Guarda el paciente con el modelo del servicio, termine como termine; la misma sesión guarda después otro."""
    with _session(context) as session:
        try:
            session.add(_patient(context))
            session.commit()
        except UnstorableValueError as refusal:
            context.said = str(refusal)
        _go_on(context, session)


@when("se cambia solamente su '{column}' a '{value}'")
def change_one(context, column, value):
    """Lee el paciente, cambia solamente la columna que se nombra y lo guarda."""
    context.before = _values(_read_again(context))
    with _session(context) as session:
        setattr(session.get_one(Patient, context.key), column, value)
        session.commit()


@then("el valor se persiste correctamente sin errores de esquema")
def value_is_persisted(context):
    """Leído en otra sesión y otra conexión, el paciente tiene lo que se guardó."""
    _expect_values(context, context.saved)


@then("al leerlo de nuevo '{column}' es '{value}'")
def column_reads_back(context, column, value):
    """Leído en otra sesión, el paciente tiene ese valor en esa columna."""
    _expect_values(context, {column: value})


@then("al leerlo de nuevo '{column}' está en blanco")
def column_reads_back_null(context, column):
    """Leído en otra sesión, el paciente no tiene nada en esa columna."""
    _expect_values(context, {column: None})


@then("al leerlo de nuevo los datos del anuncio están en blanco")
def ad_reads_back_null(context):
    """Leído en otra sesión, el paciente no tiene campaña, anuncio ni texto de anuncio."""
    columns = context.world.subject.columns
    _expect_values(context, {name: None for name, column in columns.items() if column.default is None})


@then("al leerlo de nuevo los cinco datos son los mismos")
def five_values_read_back(context):
    """En otra sesión, los cinco datos son los que se guardaron; los que no se dijeron, sus valores por defecto."""
    columns = context.world.subject.columns
    _expect_values(context, {name: context.saved.get(name, column.default) for name, column in columns.items()})


@then("en la tabla están los mismos, letra por letra")
def five_values_are_in_the_table(context):
    """Leídos de la tabla con SQL, sin el modelo, los cinco datos son los que se guardaron, byte por byte."""
    subject, names = context.world.subject, list(context.world.subject.columns)
    # As bytes: neither the driver nor a collation can make two texts the same that are not.
    columns = ", ".join(f"convert_to({name}, 'UTF8')" for name in names)
    with context.world.database.connect() as connection:
        row = connection.exec_driver_sql(f"SELECT {columns} FROM {subject.relation} WHERE id = {context.key}").one()
    found = {name: None if value is None else bytes(value).decode() for name, value in zip(names, row, strict=True)}
    require(one for name in names for one in differing(
        Kind.VALUE_WRONG, context.saved.get(name), found[name], subject.table, name))  # fmt: skip


@then("al leerlo de nuevo cambió solamente '{column}'")
def only_one_changed(context, column):
    """Lee el paciente en otra conexión: cambió la columna que se nombra y ninguna otra, salvo su fecha de cambio."""
    now, table = _values(_read_again(context)), context.world.subject.table
    others = [name for name, value in now.items() if value != context.before[name] and name != "updated_at"]
    require(
        Finding(Kind.VALUE_WRONG, table, name, context.before[name], now[name]) for name in sorted({*others} ^ {column})
    )


@then("el error nombra la columna '{column}' y dice por qué")
def error_names_column(context, column):
    """El error, en una sola línea, dice de qué columna se trata y qué tiene de imposible su texto."""
    said, wanted = context.said, (column, REASONS[context.saved[column]])
    clear = all(part in said for part in wanted) and len(said.splitlines()) == 1
    unclear = Finding(Kind.ERROR_UNCLEAR, context.world.subject.table, column, " y ".join(wanted), said)
    require([unclear] * (not clear))


@then("la misma sesión guarda después un paciente sin problema")
def session_goes_on(context):
    """La misma sesión, después del error, guardó otro paciente sin inconvenientes."""
    with _session(context) as session:
        there = session.scalar(select(func.count()).where(Patient.first_name == "Después"))
    require(differing(Kind.VALUE_WRONG, 1, there, context.world.subject.table))


def _session(context):
    return context.world.subject.model.session(context.world.database.engine())


def _new(context, values):
    """What an object of the model will have; what `values` does not name is not set at all."""
    context.saved, context.said = values, ""


def _patient(context):
    return Patient(**context.world.subject.model.required, **context.saved)


def _go_on(context, session):
    """Save an ordinary patient in a session that has just failed."""
    session.rollback()
    session.add(Patient(**context.world.subject.model.required | {"phone_number": "+549118", "first_name": "Después"}))
    session.commit()


def _read_again(context):
    with _session(context) as session:
        return session.get_one(Patient, context.key)


def _expect_values(context, wanted):
    row, table = _read_again(context), context.world.subject.table
    require(one for name, value in wanted.items()
            for one in differing(Kind.VALUE_WRONG, value, getattr(row, name), table, name))  # fmt: skip


def _values(row):
    return {name: getattr(row, name) for name in inspect(Patient).columns.keys()}  # noqa: SIM118
