"""GitHub Actions: an annotation for each cause, and a summary of the job. Silent elsewhere."""

import os
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

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
                    file.writelines(f"{line}\n" for line in summary(run))
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


def summary(run: Run) -> Iterator[str]:
    """The job summary, Markdown in Spanish, by lines: verdict, a rehearsal's figures, requirements, causes."""
    found = conclude(run)
    yield f"## {found.state.mark} {_escaped(found.sentence)}"
    yield from (f"\n{_escaped(said)}" for said in (found.production, run.about.problem, found.counts) if said)
    if rehearsal := run.about.rehearsal:
        yield f"\n### {_escaped(rehearsal.title)}\n\n| | |\n|---|---|"
        yield from (f"| {_escaped(name)} | {_escaped(value)} |" for name, value in rehearsal.figures.items())
    for part, proofs in groupby(found.proofs, key=lambda one: one.part):
        yield f"\n### {run.titled(part)}\n\n| | | | |\n|---|---|---|---|"
        for one in proofs:
            yield f"| {one.state.mark} {one.word} | {_escaped(one.text)} | {_escaped(one.section)} | {one.count} |"
    if found.causes:
        yield "\n### Lo que está mal\n"
    for cause in found.causes:
        more = "".join(f"<br>{_escaped(line)}" for line in cause.more)
        yield f"- {_escaped(cause.sentence)} ({len(cause.scenarios)}): {_escaped(cause.first.title)}{more}"
    yield f"\n{spanish.date(run.began)} · Postgres {_escaped(run.about.postgres)} · {_escaped(run.about.script)}"


def _escaped(text: str) -> str:
    return "<br>".join(" ".join(line.split()).translate(MARKDOWN) for line in text.splitlines())


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
