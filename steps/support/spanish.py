"""What a Spanish reader sees: a finding in a sentence, dates, durations and sizes."""

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from steps.support.finding import Finding, Kind, Rows

REFUSALS = {
    "22001": "Un texto no entra en su columna",
    "23502": "Una columna no acepta quedar en blanco",
    "23505": "Un dato que no puede repetirse ya estaba",
    "23514": "Una regla de la tabla no acepta el dato",
    "42501": "Falta permiso",
    "42601": "El script está mal escrito",
    "42701": "Una columna ya existía",
    "42703": "Falta una columna",
    "42804": "Un dato es de otro tipo que su columna",
    "42P01": "Falta una tabla",
    "42P07": "Algo con ese nombre ya existía",
    "55P03": "La tabla estuvo ocupada",
    "57014": "Se canceló lo que estaba haciendo",
}

KEYWORDS = {"Given": "Dado", "When": "Cuando", "Then": "Entonces", "And": "Y", "But": "Pero"}


def refusal(sqlstate: str | None) -> str:
    """What Postgres refuses by an SQLSTATE, as a sentence without its full stop; empty for what has none here."""
    return REFUSALS.get(sqlstate or "", "")


def date(moment: datetime) -> str:
    """Such as '22/11/2026, 09:11 (UTC)'."""
    return f"{moment:%d/%m/%Y, %H:%M (%Z)}"


def whole(number: int) -> str:
    """Such as '1.234.567'."""
    return f"{number:,}".replace(",", ".")


def duration(seconds: float) -> str:
    """Such as '90 ms', '3,7 s' or '2 min 5 s'."""
    if seconds < 0.9995:
        return f"{round(seconds * 1000)} ms"
    if seconds < 60:
        return f"{seconds:.1f} s".replace(".", ",").replace(",0", "")
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def listed(words: Sequence[str]) -> str:
    """Such as 'a, b y c'."""
    return " y ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


# What is said of a finding, and what more where nothing in it is private. Names are {where} (table.name), {table} and
# {name}; {what} is the sort of thing, {rows} a count of rows. Text 1 is also shown of real data, so its {before} and
# {after} must be our own or measured values.
SAID = {
    Kind.LEAKED: ("una clínica ve o cambia datos de otra", ": {after}"),
    Kind.ROWS_LOST: ("se pierde{n} {rows}", "{keys}"),
    Kind.ROWS_CHANGED: ("cambian datos de {where} en {rows}", "{keys}"),
    Kind.ROWS_ADDED: ("aparece{n} {rows} que antes no había", "{keys}"),
    Kind.WRITE_LOST: ("se pierden anotaciones ya confirmadas: {rows}", "{keys}"),
    Kind.TABLE_LOST: ("se pierde la tabla {table}", ""),
    Kind.COLUMN_LOST: ("se pierde la columna {where}", ""),
    Kind.COLUMN_MISSING: ("falta la columna {where}", ""),
    Kind.COLUMN_WRONG: ("la columna {where} no es como se pide: se pide {before}", ", y hay {after}"),
    Kind.FACT_MISSING: ("falta {what} {where}", ""),
    Kind.FACT_WRONG: ("{what} {where} no es como se pide", "\nse pide {before}, y es {after}"),
    Kind.ROWS_NOT_FILLED: ("no todas las filas existentes de {table} tienen {name} = {before}", ": {after}"),
    Kind.ROWS_NOT_EMPTY: ("{after} filas existentes de {table} tienen {name}, que nadie anotó", ""),
    Kind.VALUE_WRONG: ("{where} no es lo que se esperaba", ": se esperaba {before}, y es {after}"),
    Kind.SAVE_FAILED: ("no se puede guardar{why}", "\n{after}"),
    Kind.SERVICE_FAILED: ("el servicio deja de andar", ": al {name}, {after}"),
    Kind.SCRIPT_FAILED: ("{name} termina con error{why}", "\n{after}"),
    Kind.NOT_REFUSED: ("no termina como se debe", ": se esperaba «{before}», y terminó «{after}»"),
    Kind.ERROR_UNCLEAR: ("el error no dice {before}", ". Dice: {after}"),
    Kind.NOT_REVERTED: ("después de volver atrás queda {what} {where}", ""),
    Kind.OBJECT_GONE: ("desaparece {what} {where}", ": era {before}"),
    Kind.OBJECT_CHANGED: ("cambia {what} {where}", ": era {before}, y es {after}"),
    Kind.OBJECT_APPEARED: ("aparece {what} {where}", ": {after}"),
    Kind.SCHEMA_DIFFERS: ("{what} {where} no queda igual", ": de un lado {before}, del otro {after}"),
    Kind.PENDING: ("la herramienta de cambios encuentra algo pendiente en {table}", ": {after}"),
    Kind.NUMBER_WRONG: ("la próxima fila de {table} recibe otro número", ": le tocaba {before}, y recibe {after}"),
    Kind.TABLE_REWRITTEN: ("se reescribe la tabla {table}", ""),
    Kind.ROWS_READ: ("la migración recorre los datos de {table}, y en una tabla grande tarda ({after})", ""),
    Kind.HELD_TOO_LONG: ("la migración retiene {table} {after}, y no debe pasar de {before}", ""),
    Kind.QUEUED: ("la migración hace cola por la tabla ocupada, y las clínicas esperan detrás", "\npide {after}"),
    Kind.WRITE_FAILED: ("falla una anotación durante la migración", ": {after}"),
    Kind.HOLDER_DISTURBED: ("se interrumpe la sesión que tenía ocupada la tabla", ": {after}"),
    Kind.HOLDER_NOT_NAMED: ("la migración no dice qué sesión ocupa la tabla ({before})", ". Dice: {after}"),
    Kind.COLUMN_LEFT: ("la migración no corrige la columna {where}: se pide {before}", ", y hay {after}"),
    Kind.OTHER_TABLE_LOCKED: ("la migración bloquea otra tabla, {table}", "\npide {after}"),
    Kind.SESSION_CHANGED: ("la migración deja cambiada su sesión: {name}", " era {before}, y es {after}"),
    Kind.SEVERAL_STATEMENTS: ("la migración da varias órdenes, y cortada por la mitad quedaría a medias", "\n{after}"),
}  # fmt: skip
# By what Postgres calls a sort of object; a rarer one keeps that name.
SORTS = {
    "database": "la base de datos", "column privileges": "el permiso de la columna",
    "default acl": "el permiso por omisión", "domain constraint": "la restricción",
    "event trigger": "el disparador de eventos", "extension": "la extensión", "function": "la función",
    "index": "el índice", "large object": "el objeto grande", "materialized view": "la vista materializada",
    "policy": "la política de filas", "privileges": "el permiso", "publication": "la publicación",
    "publication relation": "la publicación de la tabla", "role": "el rol", "rule": "la regla", "schema": "el esquema",
    "sequence": "la secuencia", "setting": "el ajuste permanente", "statistics object": "la estadística",
    "table": "la tabla", "table column": "la columna", "table constraint": "la restricción",
    "trigger": "el disparador", "type": "el tipo", "view": "la vista",
}  # fmt: skip
ROWS: dict[str, tuple[str, str]] = {}  # by table, what the product calls one of its rows and several; product.py says
LONG = 500  # characters; a longer text is cut
UNKNOWN = "(un nombre que la copia no traía)"


def ended(sqlstate: str) -> str:
    """How a run ended, by which error or by none."""
    return f"{refusal(sqlstate) or 'con un error'} ({sqlstate})" if sqlstate else "sin error"


def lines(findings: Iterable[Finding]) -> Iterator[str]:
    """What was found, a sentence a finding."""
    for finding in findings:
        said = sentence(finding)
        yield f"{said[0].upper()}{said[1:]}{'' if chr(10) in said else '.'}"


def sentence(finding: Finding, known: Container[str] | None = None) -> str:
    """A finding in words, such as 'se pierde 1 paciente (id 137, clínica 5)'.

    Of real data, `known` are the names that may be shown: those the snapshot had, and the migration's own. This is the
    whole rule of what is private: of real data no value is shown, and no other name.
    """
    head, more = SAID[finding.kind]
    rows = next((one for one in (finding.before, finding.after) if isinstance(one, Rows)), Rows(0))
    keys = "; ".join(rows.keys) + ("; …" if rows.count > len(rows.keys) else "")
    table, name = (_name(part, known) for part in (finding.table, finding.name))
    more = more if known is None and (finding.before, finding.after) != (None, None) else ""
    return (head + more).format(
        table=table, name=name, where=".".join(filter(None, (table, name))), what=SORTS.get(finding.what, finding.what),
        before=shown(finding.before), after=shown(finding.after), rows=_counted(finding.table, table, rows),
        n="n" if rows.count != 1 else "", keys=f" ({keys})" if rows.keys else "", why=_reason(finding.what),
    )  # fmt: skip


def shown(value: object) -> str:
    """A value as a failure shows it: 'en blanco' for None, long text cut in the middle."""
    if isinstance(value, Mapping):
        value = ", ".join(f"{name} {part}" for name, part in value.items())
    text = "en blanco" if value is None else str(value)
    return text if len(text) <= LONG else f"{text[: LONG // 2]} … {text[-40:]} ({len(text)} caracteres)"


def _name(name: str, known: Container[str] | None) -> str:
    return name if known is None or not name or name in known else UNKNOWN


def _counted(table: str, shown_table: str, rows: Rows) -> str:
    one, several = ROWS.get(table, (f"fila de {shown_table}", f"filas de {shown_table}"))
    return f"{'al menos ' * rows.at_least}{whole(rows.count)} {one if rows.count == 1 else several}"


def _reason(sqlstate: str) -> str:
    why = refusal(sqlstate)
    return f": {why[0].lower()}{why[1:]}" if why else ""
