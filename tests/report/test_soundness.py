"""The checks of a page bite."""

import pytest

from tests.report.dom import parse
from tests.report.soundness import problems

SOUND = "<html lang=es><head><title>t</title></head><body><h1 id=a>x</h1><h2>y</h2><a href='#a'>z</a></body></html>"


def test_a_sound_page_has_no_problems() -> None:
    assert problems(parse(SOUND)) == []


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ("<h2>y</h2>", "<h3>y</h3>", "follows an h1"),
        ("<h2>y</h2>", "<h1>y</h1>", "not one h1"),
        ("'#a'", "'#b'", "leads nowhere"),
        ("'#a'", "'https://example.org'", "leaves the file"),
        ("<h2>", "<h2 id=a>", "stands twice"),
        ("<h2>", "<script src='x.js'></script><h2>", "leaves the file"),
        ("<h2>", "<script>fetch('x')</script><h2>", "the script leaves"),
        ("<h2>", "<img src='#a'><h2>", "<img>"),
        ("<h2>", "<h2 onclick='x()'>", "onclick"),
        ("<title>", "<style>a{background:url(x)}</style><title>", "style sheet"),
        ("<h2>y</h2>", "<h2><span class='mark'>✓</span> y</h2>", "without a word"),
        ("lang=es", "lang=en", "in Spanish"),
    ],
)
def test_each_check_bites(was: str, becomes: str, said: str) -> None:
    assert any(said in problem for problem in problems(parse(SOUND.replace(was, becomes))))


@pytest.mark.parametrize("broken", ["<p><b></p></b>", "<div>"])
def test_an_element_left_open_is_seen(broken: str) -> None:
    with pytest.raises(AssertionError):
        parse(broken)
