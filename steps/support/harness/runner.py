"""The behave runner of this project: nothing starts on a wrong option, nothing is green without having run.

behave.ini names it. It owns the run's server, so that one start, one first line and one end hold whatever
happens in between: a failure, Ctrl-C or a SIGTERM.
"""

import sys
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from behave.exception import ConfigError
from behave.model import ScenarioOutline
from behave.parser import parse_file
from behave.runner import Runner

from steps.support.harness.errors import NoServerError, OptionError, SnapshotError
from steps.support.harness.options import Options, listing, parse
from steps.support.harness.product import Product
from steps.support.harness.rehearsal import endings
from steps.support.harness.rehearsal.endings import TAG
from steps.support.harness.rehearsal.findings import State
from steps.support.harness.rehearsal.rehearsal import Rehearsal, rehearsing
from steps.support.harness.report import about
from steps.support.harness.report.model import About
from steps.support.harness.scenarios import NoSubjectError, subject_of
from steps.support.harness.signals import sigterm_as_interrupt, uninterrupted
from steps.support.harness.suite import Suite


class Acceptance(Runner):  # type: ignore[misc]
    """behave's own runner, with the options checked before and the server around the run.

    A product names itself in a class of its own.
    """

    PRODUCT: Product
    SUITE = Suite

    def __init__(self, config: Any) -> None:
        super().__init__(config)
        self.options = _checked(config, self.PRODUCT)

    def run_model(self, features: Any = None) -> bool:
        """Run the selected scenarios; returns whether the run failed, as behave's runner does."""
        if self.config.dry_run:
            return bool(super().run_model(features))
        if self.options.snapshot:
            self._leave_out_what_is_not_about_existing_data()
        selected = list(self._selected())
        try:
            reason = _nothing_to_run(selected) or self._nothing_to_judge(selected)
        except NoSubjectError as problem:
            reason = str(problem)
        if reason:
            print(reason)
            return True
        suite: Suite | None = None
        rehearsal: Rehearsal | None = None
        try:
            with sigterm_as_interrupt(), rehearsing() if self.options.snapshot else nullcontext():
                suite = self._suite()
                if suite and suite.rehearsal:
                    rehearsal = suite.rehearsal
                    endings.leave_out(selected, self.PRODUCT.subjects, suite.judge())
                about.tell(self.config, self.formatters, self._about(suite, len(selected)))
                failed = bool(super().run_model(features))
            accepted = not rehearsal or all(one.state is State.ACCEPTED for one in rehearsal.findings())
            return failed or not accepted or (not rehearsal and _nothing_was_run(selected))
        except SnapshotError as problem:
            rehearsal = None  # there is nothing to say of what could not be restored
            print(problem, flush=True)
            return True
        except KeyboardInterrupt:
            print("\nInterrupted.")
            self._conclude(interrupted=True)
            return True
        finally:
            if suite:
                with uninterrupted():
                    suite.close()
                for findings in rehearsal.findings() if rehearsal else ():
                    print(*findings.lines(), sep="\n", flush=True)
                print(*suite.closing_lines(), sep="\n", end="\n" * bool(suite.closing_lines()), flush=True)

    def run_hook_with_capture(self, hook_name: str, *args: Any, **options: Any) -> bool:
        """Run a hook, as behave does; before the last of all the findings are told, while formatters still listen."""
        if hook_name == "after_all":
            self._conclude()
        return bool(super().run_hook_with_capture(hook_name, *args, **options))

    def _conclude(self, *, interrupted: bool = False) -> None:
        suite: Suite | None = getattr(self.context, "suite", None)
        if suite and suite.rehearsal:
            # A path argument is a selection as any other: what stands beside the files it names is looked at too.
            folders = {Path(feature.filename).parent for feature in self.features}
            files = sorted(str(file) for folder in folders for file in folder.glob("*.feature"))
            found = endings.endings(_every(self.features), _every(map(parse_file, files)), self.PRODUCT.subjects)
            suite.rehearsal.conclude(found, interrupted=interrupted or self.aborted)
            about.attach(self.formatters, [one.figures() for one in suite.rehearsal.findings()])

    def _suite(self) -> Suite | None:
        """Start the run's server; without one every scenario is to fail by the same line, also in JUnit."""
        self.context.suite = None
        self.context.problem = None
        try:
            self.context.suite = self.SUITE(self.options, self.PRODUCT)
        except NoServerError as problem:
            self.context.problem = problem
            print(problem, flush=True)
            return None
        print(self.context.suite.headline(), flush=True)
        suite: Suite = self.context.suite
        return suite

    def _leave_out_what_is_not_about_existing_data(self) -> None:
        every = list(self._selected())
        left = [scenario for scenario in every if TAG not in scenario.effective_tags]
        for scenario in left:
            # skip() would say so once for each; formatters find the reason here.
            scenario.should_skip = True
            scenario.skip_reason = "En un ensayo solo corren los escenarios sobre datos existentes"
        print(
            f"Rehearsal: {len(every) - len(left)} scenarios about existing data run on the snapshot, "
            f"{len(left)} about other starting points are not run.",
            flush=True,
        )

    def _nothing_to_judge(self, selected: list[Any]) -> str:
        """Why a candidate proves nothing: no scenario that is to run is about the script it replaces."""
        about = {subject_of(scenario, self.PRODUCT.subjects).script.name for scenario in selected}
        idle = [name for name in self.options.candidates if name not in about]
        return (
            f"Nothing to judge: no selected scenario is about {idle[0]}, which -D migration replaces." if idle else ""
        )

    def _about(self, suite: Suite | None, planned: int) -> About:
        """What the formatters are told of the run about to begin."""
        scripts = [self.options.candidates.get(one.script.name, one.script) for one in self.PRODUCT.subjects]
        return about.of(self.PRODUCT, scripts, suite.server if suite else None, self.context.problem, planned)

    def _selected(self) -> Iterator[Any]:
        return (scenario for scenario in _every(self.features) if scenario.should_run(self.config))


def _every(features: Iterable[Any]) -> list[Any]:
    found = [scenario for feature in features if feature for scenario in feature.walk_scenarios()]
    assert not any(isinstance(scenario, ScenarioOutline) for scenario in found)
    return found


def _nothing_to_run(selected: list[Any]) -> str:
    """Why a selection proves nothing: behave passes a run of no scenario, and a scenario of no step."""
    if not selected:
        return "Nothing to run: no scenario is selected. Check the -n, -t and path arguments."
    empty = [str(scenario.location) for scenario in selected if not any(scenario.all_steps)]
    return f"Nothing to run in {', '.join(empty)}: a scenario without steps. Write them, or remove it." if empty else ""


def _nothing_was_run(selected: list[Any]) -> bool:
    if any(scenario.status.is_passed() for scenario in selected):
        return False
    print("Nothing was run: every selected scenario was skipped.")
    return True


def _checked(config: Any, product: Product) -> Options:
    if "help" in config.userdata:
        print(f"What -D name=value takes here:\n{listing(product)}")
        sys.exit(0)
    try:
        return parse(config.userdata, product)
    except OptionError as error:
        raise ConfigError(str(error)) from error
