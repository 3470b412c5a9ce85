"""Just enough of a document to ask an HTML page what it says."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"wbr", "meta", "img", "br", "hr", "link", "input"}


@dataclass
class Node:
    """An element: its tag, attributes, and children that are elements or text."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list["Node | str"] = field(default_factory=list)

    def all(self, tag: str = "", **attributes: str) -> list["Node"]:
        """Elements below, in order; `class_` asks for one of the classes."""
        return [node for node in self.walk() if node.fits(tag, attributes)]

    def one(self, tag: str = "", **attributes: str) -> "Node":
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} of <{tag} {attributes}>"
        return found[0]

    def fits(self, tag: str, wanted: dict[str, str]) -> bool:
        classes = self.attributes.get("class", "").split()
        same = all(value in classes if name == "class_" else self.attributes.get(name) == value
                   for name, value in wanted.items())  # fmt: skip
        return same and tag in ("", self.tag)

    def walk(self) -> Iterator["Node"]:
        for child in self.children:
            if isinstance(child, Node):
                yield child
                yield from child.walk()

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    @property
    def words(self) -> str:
        return " ".join(self._spaced().split())

    def _spaced(self) -> str:
        inside = "".join(child if isinstance(child, str) else child._spaced() for child in self.children)
        return inside if self.tag in ("span", "a", "b", "mark", "wbr") else f" {inside} "


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Node("document")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(node)
        if tag not in VOID:
            self.open.append(node)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].children.append(Node(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].tag == tag, f"</{tag}> closes <{self.open[-1].tag}> {self.open[-1].words[:60]!r}"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def parse(html: str) -> Node:
    """The document; fails on an element that is not closed, or closed out of order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> is not closed"
    return reader.open[0]
