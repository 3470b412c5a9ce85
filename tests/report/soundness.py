"""What must hold of any report page, whatever ran."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

from tests.report.dom import Node


def problems(page: Node) -> list[str]:
    """What is wrong with the page, a line each."""
    return [*_headings(page), *_links(page), *_self_contained(page), *_states(page), *_language(page)]


def _headings(page: Node) -> Iterator[str]:
    levels = [(int(node.tag[1]), node.words) for node in page.walk() if re.fullmatch("h[1-6]", node.tag)]
    if [level for level, _ in levels].count(1) != 1 or levels[0][0] != 1:
        yield "there is not one h1, first of all headings"
    for (before, _), (level, words) in pairwise(levels):
        if level > before + 1:
            yield f"h{level} {words!r} follows an h{before}"


def _links(page: Node) -> Iterator[str]:
    ids = [node.attributes["id"] for node in page.walk() if "id" in node.attributes]
    yield from (f"id {name} stands twice" for name, times in Counter(ids).items() if times > 1)
    known = set(ids)
    for node in page.all("a"):
        if node.attributes["href"].removeprefix("#") not in known:
            yield f"{node.attributes['href']} leads nowhere"


def _self_contained(page: Node) -> Iterator[str]:
    for node in page.walk():
        if node.tag in ("link", "iframe", "object", "foreignobject", "img"):
            yield f"<{node.tag}> in a report"
        if node.tag == "script" and re.search(r"import|fetch|XMLHttp|https?:|innerHTML|eval", node.text):
            yield "the script leaves the file, or writes what it reads"
        for name, value in node.attributes.items():
            if name.startswith("on"):
                yield f"{name} on <{node.tag}>"
            if name in ("src", "href", "srcset") and not value.startswith("#"):
                yield f"{name}={value} leaves the file"
        if node.tag == "style" and re.search(r"@import|url\(", node.text):
            yield "the style sheet leaves the file"


def _states(page: Node) -> Iterator[str]:
    """Every coloured mark has a word beside it, so that colour and shape are not all there is."""
    for parent in page.walk():
        beside = [set(one.attributes.get("class", "").split()) for one in parent.children if isinstance(one, Node)]
        if {"mark"} <= set().union(*beside) and not any(classes & {"state", "sr", "quiet"} for classes in beside):
            yield f"a mark without a word in {parent.words!r}"


def _language(page: Node) -> Iterator[str]:
    if page.one("html").attributes.get("lang") != "es":
        yield "the page does not say it is in Spanish"
    if not page.one("head").one("title").words:
        yield "the page has no title"
