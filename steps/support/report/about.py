"""Builds About and hands it to the reports."""

import hashlib
from typing import Any

from behave.reporter.junit import JUnitReporter

from steps.support.options import ROOT, Options
from steps.support.postgres.server import Server
from steps.support.redaction import redacted
from steps.support.report.junit import JUnit
from steps.support.report.run import About
from steps.support.subject import Product


def give(config: Any, formatters: list[Any], about: About) -> None:
    """Give the reports what they are of, and put our JUnit in the place of behave's."""
    config.reporters[:] = [JUnit(config) if type(one) is JUnitReporter else one for one in config.reporters]
    for one in (*formatters, *config.reporters):
        if hasattr(one, "about"):
            one.about = about


def of(
    product: Product, options: Options, server: Server | None, *, problem: object, features: Any, rehearsal: Any
) -> About:
    """What the reports say of a run besides its scenarios."""
    subject, script = options.subject, options.candidate or options.subject.script
    return About(
        title=product.title,
        subject=subject,
        other_tags=product.not_about(subject),
        postgres=server.version if server else "",
        script=str(script).removeprefix(f"{ROOT}/"),
        checksum=hashlib.sha256(script.read_bytes()).hexdigest(),
        problem=redacted(str(problem)) if problem else "",
        features=list(features),
        rehearsal=rehearsal,
    )
