"""GitHub Actions: an annotation for each cause, and a summary of the job. Silent elsewhere."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from steps.support import spanish
from steps.support.report.collect import Collector
from steps.support.report.run import Run
from steps.support.report.verdict import conclude

MARKDOWN = str.maketrans({character: "\\" + character for character in "\\`*_{}[]<>#|~"})


class GitHub(Collector):
    """`-f github`: does nothing unless GITHUB_ACTIONS is set."""

    name = "github"
    description = "GitHub annotations and job summary; silent off GitHub"

    def close(self) -> None:
        """Write the annotations to stdout, where GitHub reads them, and the summary to its file."""
        if os.environ.get("GITHUB_ACTIONS") == "true":
            run = self.run()
            print(*annotations(run), sep="\n")
            if target := os.environ.get("GITHUB_STEP_SUMMARY"):
                with Path(target).open("a", encoding="utf-8") as file:
                    file.write(summary(run))
        self.close_stream()


def annotations(run: Run) -> Iterator[str]:
    """A workflow command for each cause, where its first scenario failed; one when there was no server."""
    if run.about.problem:
        yield f"::error title=No Postgres::{_data(run.about.problem)}"
        return
    for cause in conclude(run).causes:
        first = cause.first
        line = first.bad_step.line if first.bad_step else int(first.place.rpartition(":")[2])
        others = [f"Y {len(cause.scenarios) - 1} escenarios más."] * (len(cause.scenarios) > 1)
        said = _data("\n".join([first.title, *cause.more, *others]))
        yield f"::error file={_property(first.file)},line={line},title={_property(cause.sentence)}::{said}"


def summary(run: Run) -> str:
    """The job summary in Markdown and Spanish: verdict, a rehearsal's figures, requirements, causes."""
    environment = Environment(  # noqa: S701  Markdown, escaped by our own filter
        loader=FileSystemLoader(Path(__file__).parent), trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined
    )
    filters: dict[str, Any] = {"md": _escaped, "date": spanish.date}
    environment.filters |= filters
    return environment.get_template("summary.md.j2").render(run=run, found=conclude(run)) + "\n"


def _escaped(text: object) -> str:
    return " ".join(str(text).split()).translate(MARKDOWN)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
