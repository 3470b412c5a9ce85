"""Dates, durations and sizes as a Spanish reader writes them."""

from datetime import datetime

MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip


def date(moment: datetime) -> str:
    """Such as '22 de noviembre de 2026, 09:11 (UTC)'."""
    zone = f" ({name})" if (name := moment.tzname()) else ""
    return f"{moment.day} de {MONTHS[moment.month - 1]} de {moment.year}, {moment:%H:%M}{zone}"


def duration(seconds: float) -> str:
    """Such as '4 ms', '6,3 s' or '2 min 5 s'."""
    if seconds < 0.0995:
        return f"{round(seconds * 1000)} ms"
    if seconds < 60:
        return f"{seconds:.1f} s".replace(".", ",")
    return f"{int(seconds) // 60} min {int(seconds) % 60} s"
