"""Dates, durations and sizes as a Spanish reader writes them."""

from collections.abc import Sequence
from datetime import datetime

MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip

SERVERS = {
    "embedded server": "servidor embebido", "container of": "contenedor de", "running server": "servidor en marcha",
}  # fmt: skip

REFUSALS = {
    "22001": "Un texto no entra en su columna",
    "23502": "Una columna no acepta quedar en blanco",
    "23503": "Un dato nombra otro que no existe",
    "23505": "Un dato que no puede repetirse ya estaba",
    "23514": "Una regla de la tabla no acepta el dato",
    "42501": "Falta permiso",
    "42601": "El script está mal escrito",
    "42701": "Una columna ya existía",
    "42703": "Falta una columna",
    "42710": "Algo con ese nombre ya existía",
    "42804": "Un dato es de otro tipo que su columna",
    "42P01": "Falta una tabla",
    "42P07": "Algo con ese nombre ya existía",
    "55P03": "La tabla estuvo ocupada",
    "57014": "Se canceló lo que estaba haciendo",
    "57P01": "Se cortó la conexión",
}

KEYWORDS = {
    "Given": "Dado", "When": "Cuando", "Then": "Entonces", "And": "Y", "But": "Pero", "Rule": "Regla",
    "Background": "Antecedentes", "Examples": "Ejemplos",
}  # fmt: skip


def keyword(english: str) -> str:
    """One of Gherkin's keywords, as its Spanish has it."""
    return KEYWORDS.get(english, english)


def refusal(sqlstate: str | None) -> str:
    """What Postgres refuses by an SQLSTATE, as a sentence without its full stop; empty for what has none here."""
    return REFUSALS.get(sqlstate or "", "")


def server(label: str) -> str:
    """A server's label, such as 'contenedor de postgres:18'."""
    for english, name in SERVERS.items():
        label = label.replace(english, name, 1)
    return label


def date(moment: datetime) -> str:
    """Such as '22 de noviembre de 2026, 09:11 (UTC)'."""
    zone = f" ({name})" if (name := moment.tzname()) else ""
    return f"{moment.day} de {MONTHS[moment.month - 1]} de {moment.year}, {moment:%H:%M}{zone}"


def decimal(number: float, digits: int) -> str:
    """Such as '0,25'."""
    return f"{number:.{digits}f}".replace(".", ",")


def whole(number: int) -> str:
    """Such as '1.234.567'."""
    return f"{number:,}".replace(",", ".")


def wait(seconds: float) -> str:
    """A time that may be very short, such as '0,4 ms', '90 ms' or '3,7 s'."""
    if seconds < 0.9995:
        return f"{decimal(seconds * 1000, 0 if seconds >= 0.00095 else 1)} ms"
    return f"{decimal(seconds, 1).removesuffix(',0')} s"


def duration(seconds: float) -> str:
    """Such as '4 ms', '6,3 s' or '2 min 5 s'."""
    if seconds < 0.0995:
        return f"{round(seconds * 1000)} ms"
    if seconds < 60:
        return f"{decimal(seconds, 1)} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"


def listed(words: Sequence[str]) -> str:
    """Such as 'a, b y c'."""
    return " y ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
