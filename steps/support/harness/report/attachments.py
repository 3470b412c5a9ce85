"""What may be attached to a step, a scenario or the run, and how the report is to show each kind.

`context.attach(mime, data)` is the way in. Shown as what they are: Figures (below), image/svg+xml, image/png
and image/jpeg, application/sql, text/x-postgres-log, text/plain and JSON. Anything else is named, not shown.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import ClassVar

from steps.support.harness.redaction import redacted
from steps.support.harness.report.model import Attachment
from steps.support.harness.report.svg import Picture, safe_svg

SQL = "application/sql"
SERVER_LOG = "text/x-postgres-log"
FOLDED = {
    SQL: "SQL",
    SERVER_LOG: "Registro del servidor",
    "text/plain": "Texto adjunto",
    "application/json": "Datos adjuntos",
}
LONGEST = 4_000  # of a folded text
LARGEST = 40_000  # of an image, in bytes


@dataclass(frozen=True)
class Figure:
    """One figure of a rehearsal: what was measured, its value with the unit, and what it says to a reader."""

    name: str
    value: str
    note: str = ""


@dataclass(frozen=True)
class Figures:
    """A rehearsal's figures, in the order to show them, under a title in Spanish."""

    MIME: ClassVar[str] = "application/vnd.meta-ads.figures+json"

    title: str
    figures: Sequence[Figure]

    def to_bytes(self) -> bytes:
        """As `context.attach(Figures.MIME, …)` takes it."""
        return json.dumps(asdict(self), ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> "Figures":
        """Read back; raises ValueError, KeyError or TypeError when it is not of this shape."""
        read = json.loads(data)
        return cls(str(read["title"]), [Figure(**figure) for figure in read["figures"]])


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
