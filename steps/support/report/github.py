"""GitHub Actions: an annotation for each cause, and a summary of the job. Silent elsewhere."""

import os
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from steps.support import spanish
from steps.support.report.changes import changes
from steps.support.report.collector import Collector
from steps.support.report.model import Run
from steps.support.report.verdict import conclude

HERE = Path(__file__).parent
SUMMARY_LIMIT = 1_000_000  # GitHub refuses a step summary above 1 MiB
MARKDOWN = str.maketrans({character: "\\" + character for character in "\\`*_{}[]<>#|~"})


class GitHub(Collector):
    """`-f github`: does nothing unless GITHUB_ACTIONS is set."""

    name = "github"
    description = "GitHub annotations and job summary; silent off GitHub"

    def close(self) -> None:
        """Write the annotations to stdout, where GitHub reads them, and the summary to its file."""
        if os.environ.get("GITHUB_ACTIONS") == "true":
            run = self.told()
            for annotation in annotations(run):
                print(annotation)
            if target := os.environ.get("GITHUB_STEP_SUMMARY"):
                with Path(target).open("a", encoding="utf-8") as file:
                    file.write(summary(run).encode()[:SUMMARY_LIMIT].decode(errors="ignore"))
        self.close_stream()


def annotations(run: Run) -> Iterator[str]:
    """A workflow command for each cause, where the scenario that asks for it failed; one when there was no server."""
    if run.about.problem:
        yield f"::error title=No Postgres::{_data(run.about.problem)}"
        return
    for feature in run.features:
        if feature.failure:
            yield _error(feature.file, feature.line, feature.title, feature.failure.text)
    for cause in conclude(run).causes:
        first = cause.first
        step = first.bad_step
        said = [first.title, first.why.text if first.why else first.state.value]
        said += [f"Por lo mismo {_fell(len(cause.others))}."] * bool(cause.others)
        yield _error(first.file, step.line if step else first.line, cause.sentence, "\n".join(said))


def summary(run: Run) -> str:
    """The job summary: verdict, a rehearsal's figures, causes, requirements, in Markdown and Spanish."""
    found = conclude(run)
    environment = Environment(  # noqa: S701  Markdown, escaped by our own filter
        loader=FileSystemLoader(HERE),
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters |= {
        "md": lambda text: " ".join(str(text).split()).translate(MARKDOWN),
        "code": _code_block,
        "date": spanish.date,
        "duration": spanish.duration,
        "keyword": spanish.keyword,
    }
    return (
        environment.get_template("summary.md.j2").render(run=run, found=found, changes=changes(run, found.causes))
        + "\n"
    )  # what another step adds begins a line of its own


def _fell(others: int) -> str:
    return "cae 1 escenario más" if others == 1 else f"caen {others} escenarios más"


def _error(file: str, line: int, title: str, said: str) -> str:
    return f"::error file={_property(file)},line={line},title={_property(title)}::{_data(said)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _code_block(text: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}text\n{text}\n{fence}"
