"""What may be attached to a step, a scenario or the run, and how the report is to show each kind.

`context.attach(mime, data)` is the way in. Shown as what they are: Figures, image/svg+xml, image/png
and image/jpeg, application/sql, text/x-postgres-log, text/plain and JSON. Anything else is named, not shown.
"""

import base64
from dataclasses import dataclass

from steps.support.harness.attachable import SERVER_LOG, SQL, Figures
from steps.support.harness.redaction import redacted
from steps.support.harness.report.model import Attachment
from steps.support.harness.report.svg import Picture, safe_svg

FOLDED = {
    SQL: "SQL",
    SERVER_LOG: "Registro del servidor",
    "text/plain": "Texto adjunto",
    "application/json": "Datos adjuntos",
}
LONGEST = 4_000  # of a folded text
LARGEST = 40_000  # of an image, in bytes


@dataclass(frozen=True)
class Shown:
    """How one attachment is shown: as `figures`, as an inline picture, as an `image` address, or as folded `text`."""

    title: str
    figures: Figures | None = None
    picture: Picture | None = None
    image: str = ""
    text: str = ""


def shown(attachment: Attachment) -> Shown:
    """The one way to show an attachment; what cannot be shown is named, with its size."""
    mime, data = attachment.mime, attachment.data
    try:
        if mime == Figures.MIME:
            figures = Figures.from_bytes(data)
            return Shown(figures.title, figures=figures)
        if mime == "image/svg+xml":
            picture = safe_svg(data.decode())
            return Shown(picture.title or "Imagen adjunta", picture=picture)
        if mime in ("image/png", "image/jpeg") and len(data) <= LARGEST:
            return Shown("Imagen adjunta", image=f"data:{mime};base64,{base64.b64encode(data).decode()}")
        if mime in FOLDED or mime.endswith("+json") or mime.startswith("text/"):
            return Shown(FOLDED.get(mime, "Datos adjuntos"), text=_cut(redacted(data.decode(errors="replace"))))
    except (ValueError, KeyError, TypeError) as error:
        return Shown("Adjunto que no se pudo leer", text=f"{mime}, {len(data)} bytes: {error}")
    return Shown("Adjunto que no se muestra", text=f"{mime}, {len(data)} bytes")


def is_result(attachment: Attachment) -> bool:
    """Whether it belongs to the results of a rehearsal, rather than to an engineer's fold."""
    return attachment.mime in (Figures.MIME, "image/svg+xml")


def _cut(text: str) -> str:
    """The end of a long text: what happened last is what failed."""
    return text if len(text) <= LONGEST else "… (recortado)\n" + text[-LONGEST:].partition("\n")[2]
