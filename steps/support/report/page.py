"""The report for product: one HTML file in Spanish, whole in itself."""

from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from behave.formatter.base import StreamOpener
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

from steps.support import spanish
from steps.support.report.collect import Collector
from steps.support.report.run import Run, State, anchors
from steps.support.report.verdict import conclude

HERE = Path(__file__).parent
DEFAULT = Path("build/informe.html")


class Page(Collector):
    """`-f informe -o FILE`; without -o it writes build/informe.html, for nobody reads HTML on a terminal."""

    name = "informe"
    description = "HTML report for product, in Spanish (build/informe.html without -o)"

    def __init__(self, stream_opener: Any, config: Any) -> None:
        if not stream_opener.name:
            stream_opener = StreamOpener(str(DEFAULT), encoding="utf-8")
        # A run that ends before it can report must not leave the last one's report to be read as its own.
        with suppress(OSError):  # a folder that is not ours: said when it comes to writing
            Path(stream_opener.name).unlink(missing_ok=True)
        super().__init__(stream_opener, config)

    def close(self) -> None:
        """Write the report and say where it is."""
        text = page(self.run())
        self.open().write(text)
        self.close_stream()
        print(f"Report: {self.stream_opener.name}")


def page(run: Run) -> str:
    """The report of a run."""
    return _template().render(
        run=run,
        found=conclude(run),
        anchors=anchors(run.scenarios),
        css=Markup((HERE / "page.css").read_text(encoding="utf-8")),  # noqa: S704  ours
        script=Markup((HERE / "page.js").read_text(encoding="utf-8")),  # noqa: S704  ours
        State=State,
    )


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters |= {
        "date": spanish.date, "duration": spanish.duration, "whole": spanish.whole,
        "sentence": lambda text: f"{text[:1].upper()}{text[1:].rstrip('.')}.",
    }  # fmt: skip
    return environment.get_template("page.html.j2")
