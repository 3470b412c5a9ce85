"""What the runner has to do with reports: tell the formatters what only it knows, and see that JUnit is ours."""

import hashlib
from collections.abc import Iterable
from typing import Any

from steps.support.harness import spanish
from steps.support.harness.options import ROOT, Options
from steps.support.harness.redaction import redacted
from steps.support.harness.report import junit
from steps.support.harness.report.model import About
from steps.support.harness.suite import Suite


def prepare(config: Any, formatters: Iterable[Any], about: About) -> None:
    """Before the first feature: every formatter that listens hears of the run."""
    junit.replace(config.reporters)
    for formatter in formatters:
        if hasattr(formatter, "hear"):
            formatter.hear(about)


def about(options: Options, suite: Suite | None, problem: object, planned: int) -> About:
    """What the runner knows of a run about to begin."""
    script = options.migration
    return About(
        postgres=f"{suite.server.version}, {spanish.server(redacted(suite.server.label))}" if suite else "",
        script=str(script.relative_to(ROOT) if script.is_relative_to(ROOT) else script),
        checksum=hashlib.sha256(script.read_bytes()).hexdigest(),
        problem=redacted(str(problem)) if problem else "",
        planned=planned,
    )
