"""A picture that comes as SVG text, made safe to stand inside the report."""

import hashlib
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass

NAMESPACE = "{http://www.w3.org/2000/svg}"
ALLOWED = {
    "svg", "g", "path", "line", "polyline", "polygon", "rect", "circle", "ellipse", "text", "tspan", "title", "desc",
    "defs", "linearGradient", "stop", "clipPath", "marker", "use", "pattern", "symbol",
}  # fmt: skip
LARGEST = 60_000
_REFERENCE = re.compile(r"url\(\s*['\"]?#([^)'\"]+)['\"]?\s*\)")
_AWAY = re.compile(r"url\((?!\s*['\"]?#)|javascript:|@import|expression\(", re.I)


@dataclass(frozen=True)
class Picture:
    """Markup to put into HTML as it is, and what the picture says of itself."""

    markup: str
    title: str
    description: str = ""

    @property
    def inked(self) -> bool:
        """Whether it takes the ink of the page, and so may stand on its paper, light or dark."""
        return "currentColor" in self.markup


def safe_svg(text: str) -> Picture:
    """The picture without scripts, styles, handlers or references out of itself, its ids made its own.

    Raises ValueError when it is no SVG, or larger than the report can carry.
    """
    if len(text) > LARGEST or "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ValueError(f"no es un SVG de menos de {LARGEST} caracteres sin DOCTYPE")
    try:
        root = ET.fromstring(text)  # noqa: S314  no DOCTYPE, so no entities to expand
    except ET.ParseError as error:
        raise ValueError(f"no es XML: {error}") from error
    if root.tag != NAMESPACE + "svg":
        raise ValueError("la raíz no es <svg>")
    prefix = "p" + hashlib.sha256(text.encode()).hexdigest()[:8] + "-"
    _clean(root, prefix)
    title = (root.findtext(NAMESPACE + "title") or "").strip()
    root.set("role", "img")
    root.set("aria-label", title or "Imagen adjunta")
    ET.register_namespace("", NAMESPACE.strip("{}"))
    description = (root.findtext(NAMESPACE + "desc") or "").strip()
    return Picture(ET.tostring(root, encoding="unicode"), title, description)


def _clean(element: ET.Element, prefix: str) -> None:
    for name, value in list(element.attrib.items()):
        bare = name.rpartition("}")[2]
        if bare.lower().startswith("on") or _AWAY.search(value) or (bare == "href" and not value.startswith("#")):
            del element.attrib[name]
        elif bare == "id":
            element.set(name, prefix + value)
        elif bare == "href":
            element.set(name, "#" + prefix + value[1:])
        else:
            element.set(name, _REFERENCE.sub(rf"url(#{prefix}\1)", value))
    for child in list(element):
        if not isinstance(child.tag, str) or child.tag.removeprefix(NAMESPACE) not in ALLOWED:
            element.remove(child)
        else:
            _clean(child, prefix)
