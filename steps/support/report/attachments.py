"""What may be attached to a step or a scenario, and how the report is to show each kind.

`context.attach(mime, data)` is the way in: the picture of a migration's traffic, the SQL and the server's log of a
failure. Anything else is named, not shown.
"""

import re
from dataclasses import dataclass
from html import unescape

from markupsafe import Markup

from steps.support.attachable import SERVER_LOG, SQL
from steps.support.redaction import redacted
from steps.support.report.step import Attachment

PICTURE = "image/svg+xml"
FOLDED = {SQL: "SQL", SERVER_LOG: "Registro del servidor"}
LONGEST = 4_000  # of a folded text


@dataclass(frozen=True)
class Shown:
    """How one attachment is shown: as a `picture` with its `text` in words, or as folded `text`."""

    title: str
    picture: Markup | None = None
    text: str = ""


def shown(attachment: Attachment) -> Shown:
    """The one way to show an attachment; what cannot be shown is named, with its size."""
    mime, data = attachment.mime, attachment.data
    if mime == PICTURE:
        markup = data.decode()
        return Shown(_inside(markup, "title"), picture=Markup(markup), text=_inside(markup, "desc"))  # noqa: S704  ours
    if mime in FOLDED:
        return Shown(FOLDED[mime], text=_cut(redacted(data.decode(errors="replace"))))
    return Shown("Adjunto que no se muestra", text=f"{mime}, {len(data)} bytes")


def _inside(markup: str, element: str) -> str:
    found = re.search(f"<{element}>(.*?)</{element}>", markup, re.S)
    return unescape(found[1]) if found else ""


def _cut(text: str) -> str:
    """The end of a long text: what happened last is what failed."""
    return text if len(text) <= LONGEST else "… (recortado)\n" + text[-LONGEST:].partition("\n")[2]
