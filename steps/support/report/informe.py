"""The report for product: one HTML file in Spanish, whole in itself."""

import re
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from behave.formatter.base import StreamOpener
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from steps.support import spanish
from steps.support.report import attachments
from steps.support.report.attachments import Shown
from steps.support.report.causes import Cause
from steps.support.report.changes import changes
from steps.support.report.collector import Collector
from steps.support.report.model import Outline, Run, Scenario
from steps.support.report.status import State, of_all
from steps.support.report.step import Attachment
from steps.support.report.verdict import conclude

HERE = Path(__file__).parent
DEFAULT = Path("build/informe.html")
FOLDS = 15_000  # characters of SQL, logs and output in all, so that a run where all fails stays readable


class Informe(Collector):
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
        text = page(self.told())
        self.open().write(text)  # opened when there is something to write: an empty report says nothing went wrong
        self.close_stream()
        print(f"Report: {self.stream_opener.name}")


def page(run: Run) -> str:
    """The report of a run."""
    found = conclude(run)
    return _template().render(
        run=run,
        css=Markup((HERE / "informe.css").read_text(encoding="utf-8")),  # noqa: S704  ours
        script=Markup((HERE / "informe.js").read_text(encoding="utf-8")),  # noqa: S704  ours
        found=found,
        changes=changes(run, found.causes),
        pictures=_pictures(run),
        fold=Budget(FOLDS).fold,
        folded={cause.first.place for cause in found.causes},
        repeated=_repeated(found.causes),
        State=State,
    )


def _repeated(causes: Sequence[Cause]) -> dict[str, Scenario]:
    """Of each scenario that says word for word what one of its cause said before, by its place, that one."""
    repeated = {}
    for cause in causes:
        said: dict[str, Scenario] = {}
        for one in cause.scenarios:
            if one.why and (before := said.setdefault(one.why.text, one)) is not one:
                repeated[one.place] = before
    return repeated


class Budget:
    """How much folded text the report may still carry."""

    def __init__(self, characters: int) -> None:
        self._left = characters

    def fold(self, attached: Sequence[Attachment], trace: str = "", output: str = "") -> list[Shown]:
        """What to fold away under a step or scenario, while there is room."""
        folds = [attachments.shown(one) for one in attached if one.mime != attachments.PICTURE]
        folds += [Shown("Rastro del error", text=trace)] * bool(trace)
        folds += [Shown("Salida capturada", text=output)] * bool(output)
        size = sum(len(one.text) for one in folds)
        if size > self._left:
            return [Shown("Detalles para ingeniería", text="No se incluyen, para que el informe siga siendo pequeño.")]
        self._left -= size
        return folds


def _pictures(run: Run) -> list[tuple[Scenario, Shown]]:
    """The pictures of the run, each with the scenario it is of."""
    return [
        (scenario, attachments.shown(one))
        for scenario in run.scenarios
        for one in (*(each for step in scenario.steps for each in step.attachments), *scenario.attachments)
        if one.mime == attachments.PICTURE
    ]


def breakable(text: str) -> Markup:
    """Text of a cell, which a narrow screen may break after an underscore or within a very long word."""
    marked = re.sub(r"(_|[^\s_]{18})(?=\S)", "\\1\0", text.replace("\0", ""))
    return Markup("<wbr>").join(map(escape, marked.split("\0")))


@cache
def _template() -> Template:
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "date": spanish.date,
        "duration": spanish.duration,
        "keyword": spanish.keyword,
        "of_all": of_all,
        "breakable": breakable,
    }
    environment.tests |= {
        "outline": lambda item: isinstance(item, Outline),
        "scenario": lambda item: isinstance(item, Scenario),
    }
    return environment.get_template("informe.html.j2")
