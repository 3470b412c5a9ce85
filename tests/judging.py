"""Judges candidate scripts by the gate as shipped: its runner, its features, its server, many in one process."""

import io
import re
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from behave.configuration import Configuration
from behave.model import ScenarioOutline
from sqlalchemy import URL

from steps.support.declared import Seeds
from steps.support.evidence.before_after import Evidence
from steps.support.options import ROOT
from steps.support.postgres import running
from steps.support.postgres.database import Database
from steps.support.postgres.pool import Pool
from steps.support.postgres.server import Server
from steps.support.product import META_ADS, PRODUCT, Run
from steps.support.scenarios import subject_of
from steps.support.suite import Suite

DEFECTS = sorted((ROOT / "tests" / "defects").glob("*.sql"))
CORRECT = sorted((ROOT / "tests" / "correct").glob("*.sql"))
EVERYTHING = "not @no_such_tag"
REQUIRED = "not @citus and not @vivo"  # of every script; waiting and converging as ours does is no requirement
ALSO = "-- Also passes: "
REPLACES = "-- Replaces: "  # a line of a script that is not the first migration's


@dataclass(frozen=True)
class Expected:
    """What a defect's first two lines say: the scenarios that must refuse it, and what one of them must say."""

    scenarios: list[str]
    saying: str


@dataclass(frozen=True)
class Verdict:
    """How the scenarios that ran ended: the failures with their messages, the titles of all, and behave's features.

    `broken` are those of the failures that are no check's: an exception nobody meant for a reader.
    """

    ran: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    features: list[Any] = field(default_factory=list, repr=False)


class SharingSuite(Suite):
    """The suite on a server that outlives it, with the seeds made once for all scripts of this process."""

    def _begin(self) -> tuple[Server, str]:
        assert isinstance(self.options.postgres, URL)
        return _server(self.options.postgres), "shared"

    @property
    def seeded(self) -> Database:
        """The process's own template of the seeds."""
        return _seeds(self.server, self.product.seeds, self.options.rows)

    def evidence_of(self, template: Database) -> Evidence:
        """Evidence of the seeds is taken once too."""
        if template == self.seeded:
            return evidence_of_seeds(template)
        return super().evidence_of(template)

    def _drop_databases(self) -> None:
        self._pool.drop_all()


class SharingRun(Run):
    """The runner, with that suite."""

    SUITE = SharingSuite
    ALONE = False  # pytest goes on


@cache
def _server(url: URL) -> Server:
    # Ours and thrown away after the tests, so its files may be copied the fast way; it is not ours to stop.
    return replace(running.attach(url), throwaway=True)


@cache
def _seeds(server: Server, seeds: Seeds, rows: int) -> Database:
    template = Pool(server).create("template")
    seeds.fill(template, rows)
    return template


@cache
def evidence_of_seeds(template: Database) -> Evidence:
    return Evidence.take(template, copy=template, tenant=PRODUCT.tenant)


def expected(script: Path) -> Expected:
    """Read a defect's header; raises AssertionError when it has none."""
    first, second, *_ = script.read_text(encoding="utf-8").splitlines()
    assert first.startswith("-- Refused by: "), f"{script.name}: its first line names no scenario"
    assert second.startswith("-- Saying: "), f"{script.name}: its second line is no part of a message"
    return Expected(first.removeprefix("-- Refused by: ").split("; "), second.removeprefix("-- Saying: "))


def also_passes(script: Path) -> list[str]:
    """The scenarios a correct script says it passes beyond those required of all; none when it says nothing."""
    first = script.read_text(encoding="utf-8").splitlines()[0]
    return first.removeprefix(ALSO).split("; ") if first.startswith(ALSO) else []


def replaced(script: Path) -> str:
    """The migration a script is a candidate for, by its file's name."""
    lines = script.read_text(encoding="utf-8").splitlines()[:3]
    return next((line.removeprefix(REPLACES) for line in lines if line.startswith(REPLACES)), META_ADS.script.name)


def about(script: Path) -> list[str]:
    """The titles of all scenarios about the migration a script is a candidate for."""
    return [title for title, (_, named) in titles().items() if named == replaced(script)]


def accept(script: Path, address: str) -> Verdict:
    """Judge a correct script by what is required of all of its migration and by what it says of itself.

    A feature no defect is refused by says nothing of scripts, and is left out.
    """
    refusing = {title for defect in DEFECTS for title in expected(defect).scenarios}
    telling = sorted({feature for title, (feature, _) in titles().items() if title in refusing})
    verdict = judge(script, address, about(script), REQUIRED, features=telling)
    if also := also_passes(script):
        more = judge(script, address, also, EVERYTHING)
        return Verdict(
            verdict.ran + more.ran,
            verdict.failed | more.failed,
            verdict.broken + more.broken,
            verdict.features + more.features,
        )
    return verdict


def judge(
    script: Path,
    address: str,
    names: Sequence[str] = (),
    tags: str = "",
    *,
    features: Sequence[str] = (),
    replaces: str = "",
    kind: type[Run] = SharingRun,
) -> Verdict:
    """Run the scenarios called `names`, of `features` (all without), on the script, in this process.

    `address` is a running server; `tags` replaces the default selection; `replaces` names the migration, where the
    script does not; `kind` is the product's runner.
    """
    replaces = replaces or replaced(script)
    arguments = [f"--define={name}={value}" for name, value in
                 {"postgres": address, "migration": f"{replaces}={script}", "patients": 20}.items()]  # fmt: skip
    # Outline rows carry their values in the title: an exact match tells one from another.
    arguments += [f"--name=^{re.escape(title)}$" for title in names]
    arguments += [f"--tags={tags}"] if tags else []
    # All features are read where none is named, three times what a scenario takes.
    arguments += features or sorted({titles()[title][0] for title in names})
    output = io.StringIO()
    with chdir(ROOT), redirect_stdout(output), redirect_stderr(output):
        runner = kind(Configuration(["--format=null", "--no-summary", *arguments]))
        runner.run()
    verdict = Verdict(features=list(runner.features))
    for scenario in _scenarios(runner):
        if scenario.status.name in ("passed", "failed", "error", "hook_error", "undefined"):
            verdict.ran.append(scenario.name)
        if scenario.status.has_failed():
            verdict.broken.extend([scenario.name] * (scenario.status.name != "failed"))
            verdict.failed[scenario.name] = "\n".join(
                str(part.exception or part.error_message)
                for part in [scenario, *scenario.all_steps]
                if part.error_message
            )
    assert verdict.ran, output.getvalue()
    return verdict


@cache
def titles() -> dict[str, tuple[str, str]]:
    """The titles of all scenarios there are, each with the file of its feature and its migration's script."""
    return {one.name: (one.filename, subject_of(one, PRODUCT.subjects).script.name) for one in written()}


@cache
def written() -> list[Any]:
    """All scenarios there are, as behave reads them; its steps are loaded then."""
    with chdir(ROOT), redirect_stdout(io.StringIO()):
        runner = SharingRun(Configuration(["--format=null", "--dry-run", "--no-summary", f"--tags={EVERYTHING}"]))
        runner.run()
    return _scenarios(runner)


def _scenarios(runner: Run) -> list[Any]:
    return [
        scenario
        for feature in runner.features
        for scenario in feature.walk_scenarios()
        if not isinstance(scenario, ScenarioOutline)
    ]
