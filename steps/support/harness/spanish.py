"""Dates, durations and sizes as a Spanish reader writes them."""

from datetime import datetime

MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip

SERVERS = {
    "embedded server": "servidor embebido", "container of": "contenedor de", "running server": "servidor en marcha",
}  # fmt: skip


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
