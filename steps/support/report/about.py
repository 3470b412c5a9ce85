"""What the runner tells the formatters of a run: what is under acceptance, on which server."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from steps.support import spanish
from steps.support.attachable import Figures
from steps.support.declared import Product
from steps.support.options import ROOT
from steps.support.postgres.server import Server
from steps.support.redaction import redacted
from steps.support.report import junit, result
from steps.support.report.model import About, Script


def tell(config: Any, formatters: list[Any], about: About) -> None:
    """Before the first feature: every formatter that listens hears of the run, and JUnit is ours.

    `-D previous` is what the run is compared with; `-D result` adds the formatter that keeps it.
    """
    junit.replace(config.reporters)
    if previous := config.userdata.get("previous"):
        about = replace(about, previous=result.read(Path(previous)))
    if kept := config.userdata.get("result"):
        formatters.append(result.Resultado(config, Path(kept)))
    for formatter in formatters:
        if hasattr(formatter, "hear"):
            formatter.hear(about)


def rehearsed(listeners: Iterable[Any], found: Sequence[Figures]) -> None:
    """Hand the figures of a run's rehearsals to every formatter and reporter of ours."""
    for one in listeners:
        if hasattr(one, "rehearsals"):
            one.rehearsals = found


def of(product: Product, scripts: Sequence[Path], server: Server | None, problem: object, planned: int) -> About:
    """What there is to tell of a run about to begin."""
    return About(
        title=product.title,
        subjects=product.subjects,
        postgres=f"{server.version}, {spanish.server(redacted(server.label))}" if server else "",
        scripts=tuple(map(_script, scripts)),
        problem=redacted(str(problem)) if problem else "",
        planned=planned,
    )


def _script(path: Path) -> Script:
    name = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return Script(str(name), hashlib.sha256(path.read_bytes()).hexdigest())
