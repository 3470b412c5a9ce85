"""Judges candidates by the gate as shipped: its runner, its features, its server, many in one process."""

import io
import re
from collections.abc import Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from behave.configuration import Configuration
from sqlalchemy import URL

from steps.support.evidence.before_after import Evidence
from steps.support.finding import Finding, Kind
from steps.support.options import ROOT
from steps.support.postgres.database import Database, Pool
from steps.support.postgres.server import Server, attach
from steps.support.product import PRODUCT, Run
from steps.support.subject import Seeds, Tenant
from steps.support.suite import Suite
from steps.support.unmet import Unmet
from tests.running import address


@dataclass(frozen=True)
class Verdict:
    """How scenarios ended: the titles of all that ran, the failures' messages, the gravest finding of each as data."""

    ran: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    found: list[str] = field(default_factory=list)


class SharingSuite(Suite):
    """The suite on a server that outlives it, with the seeds and their evidence made once for all candidates."""

    def _begin(self) -> tuple[Server, str]:
        assert isinstance(self.options.postgres, URL)
        return _server(self.options.postgres), "shared"

    @property
    def seeded(self) -> Database:
        return _seeds(self.server, self.product.seeds, self.options.rows)

    def evidence_of(self, template: Database) -> Evidence:
        return (
            evidence_of_seeds(template, self.product.tenant)
            if template == self.seeded
            else super().evidence_of(template)
        )

    def _drop_databases(self) -> None:
        self._pool.drop_all()


class SharingRun(Run):
    SUITE = SharingSuite


@cache
def _server(url: URL) -> Server:
    # Ours and thrown away after the tests, so its files may be copied the fast way; it is not ours to stop.
    return replace(attach(url), throwaway=True)


@cache
def _seeds(server: Server, seeds: Seeds, rows: int) -> Database:
    template = Pool(server).create("template")
    seeds.fill(template, rows)
    return template


@cache
def evidence_of_seeds(template: Database, tenant: Tenant | None) -> Evidence:
    return Evidence.take(template, copy=template, tenant=tenant)


def judge(
    script: Path,
    migration: str,
    server: Server,
    titles: Sequence[str] = (),
    *,
    tags: str = "",
    features: Sequence[str] = (),
    kind: type[Run] = SharingRun,
) -> Verdict:
    """Run the scenarios called `titles`, of `features`, on a candidate for `migration`, in this process.

    Without `titles` it is all of the features, without `features` those the titles are in.
    """
    arguments = [
        f"--define=postgres={address(server)}",
        f"--define={kind.PRODUCT.seeds.called}=20",
        f"--define=migration={script}",
        f"--define=subject={migration}",
    ]
    # Outline rows carry their values in the title: an exact match tells one from another.
    arguments += [f"--name=^{re.escape(title)}$" for title in titles]
    # All features are read where none is named, three times what a scenario takes.
    arguments += features or sorted({named(migration)[title].filename for title in titles})
    arguments += [f"--tags={tags}"] * bool(tags)
    output = io.StringIO()
    with chdir(ROOT), redirect_stdout(output), redirect_stderr(output):
        runner = kind(Configuration(["--format=null", "--no-summary", *arguments]))
        runner.run()
    verdict = Verdict()
    for scenario in _scenarios(runner):
        if scenario.status.is_passed() or scenario.status.has_failed():
            verdict.ran.append(scenario.name)
        if scenario.status.has_failed():
            parts = [part for part in (scenario, *scenario.all_steps) if part.error_message]
            verdict.failed[scenario.name] = "\n".join(str(part.exception or part.error_message) for part in parts)
            unmet = [part.exception for part in parts if isinstance(part.exception, Unmet)]
            verdict.found.extend(_finding(each.findings[0]) for each in unmet)
    assert verdict.ran, output.getvalue()
    return verdict


@cache
def written() -> list[Any]:
    """All scenarios there are, as behave reads them; its steps are loaded then."""
    with chdir(ROOT), redirect_stdout(io.StringIO()):
        runner = SharingRun(Configuration(["--format=null", "--dry-run", "--no-summary"]))
        runner.run()
    return _scenarios(runner)


@cache
def named(migration: str) -> dict[str, Any]:
    """The scenarios about a migration, by title."""
    others = {one.tag for one in PRODUCT.subjects} - {migration}
    return {one.name: one for one in written() if not others & {*one.effective_tags}}


def _finding(finding: Finding) -> str:
    sqlstate = f" {finding.what}" if finding.kind is Kind.SCRIPT_FAILED else ""
    return f"{finding.kind.name} {'.'.join(filter(None, (finding.table, finding.name)))}{sqlstate}".strip()


def _scenarios(runner: Run) -> list[Any]:
    return [scenario for feature in runner.features for scenario in feature.walk_scenarios()]
