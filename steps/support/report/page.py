"""The report for product: one HTML file in Spanish, whole in itself."""

import re
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from behave.formatter.base import StreamOpener
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from steps.support import spanish
from steps.support.report.collect import Collector
from steps.support.report.run import Run, Scenario, State
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
        waited=_longest_wait(run),
        css=Markup((HERE / "page.css").read_text(encoding="utf-8")),  # noqa: S704  ours
        script=Markup((HERE / "page.js").read_text(encoding="utf-8")),  # noqa: S704  ours
        State=State,
    )


def _longest_wait(run: Run) -> Scenario | None:
    """The scenario in which a write waited longest; none when one failed, for it is ended at the first request."""
    timed = [(one.latency.longest, one) for one in run.scenarios if one.latency]
    bad = any(one.state is not State.PASSED for _, one in timed)
    return None if bad else max(timed, key=lambda pair: pair[0], default=(0, None))[1]


def _soft(text: str) -> Markup:
    """Text that may break after the full stop of patients.acquisition_source, which is wider than a phone's line."""
    return Markup(re.sub(r"\.(?=\w)", ".<wbr>", str(escape(text))))  # noqa: S704  escaped


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    environment.filters |= {
        "date": spanish.date, "duration": spanish.duration, "whole": spanish.whole, "soft": _soft,
        "sentence": lambda text: f"{text[:1].upper()}{text[1:].rstrip('.')}.",
    }  # fmt: skip
    return environment.get_template("page.html.j2")
