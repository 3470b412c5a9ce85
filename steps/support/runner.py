"""The behave runner of this project: nothing starts on a wrong option, nothing is green without having run.

behave.ini names it. It starts and ends the run's server, also after a failure, Ctrl-C or SIGTERM.
"""

import sys
from typing import Any

from behave import __main__ as main
from behave.exception import ConfigError
from behave.runner import Runner

from steps.support import interrupts, output, selection
from steps.support.errors import NoServerError, OptionError, SnapshotError
from steps.support.options import Options, listing, parse
from steps.support.postgres.server import forget_environment
from steps.support.redaction import redacted
from steps.support.rehearsal.verdict import Rehearsed, lines
from steps.support.report import about
from steps.support.subject import Product
from steps.support.suite import Suite


class Acceptance(Runner):  # type: ignore[misc]
    """behave's own runner, with the options checked before and the server around the run.

    A product names itself in a class of its own.
    """

    PRODUCT: Product
    SUITE = Suite
    under_way = False  # behave executes environment.py without a word of which runner runs it

    def __init__(self, config: Any) -> None:
        Acceptance.under_way = True
        output.prepare()
        vars(main)["print"] = _not_the_runner
        super().__init__(config)
        self.options = _checked(config, self.PRODUCT)
        forget_environment()
        self._interrupted = False
        self._streams = sys.stdout, sys.stderr
        self._suite: Suite | None = None
        self._rehearsed: Rehearsed | None = None
        self._problem = ""

    def run(self) -> bool:
        """Run what is selected; returns whether the run failed, as behave's runner does."""
        with interrupts.raised(self._interrupt):
            try:
                failed = bool(super().run())
                self._end()
                return failed
            except (Exception, KeyboardInterrupt) as problem:
                if self._interrupted:
                    return True
                if isinstance(problem, OSError) and problem.errno:  # behave's own of a missing feature has none
                    return output.unwritten(problem)
                raise
            finally:
                self._end()

    def _interrupt(self) -> None:
        """Begin no further step, whatever becomes of the KeyboardInterrupt."""
        self._interrupted = True
        self.abort("interrupted")
        if self._rehearsed:
            self._rehearsed.interrupted = True

    def run_model(self, features: Any = None) -> bool:
        """Run the selected scenarios; returns whether the run failed, as behave's runner does."""
        if self.config.dry_run:
            return bool(super().run_model(features))
        if self.options.snapshot:
            return self._rehearse()
        subject = self.options.subject
        self.config.tag_expression = selection.OfSubject(self.PRODUCT.not_about(subject), self.config.tag_expression)
        selected = selection.selected(self.features, self.config)
        if reason := selection.why_it_proves_nothing(selected):
            print(reason)
            return True
        suite = self._begin()
        if suite:
            selection.leave_out_what_needs_roles(selected, suite.server, subject)
        self._tell(suite)
        if not suite:
            super().run_model([])
            return True
        failed = bool(super().run_model(features))
        return selection.nothing_was_run(selected) or failed

    def _rehearse(self) -> bool:
        """Judge the migration on a copy of real data, in the place of all scenarios; returns whether it may not run."""
        self.features: list[Any] = []
        try:
            suite = self._begin()
            self._tell(suite)
            self._rehearsed = suite.rehearsed if suite else None
            if suite:
                suite.rehearse()
        except SnapshotError as problem:
            self._rehearsed = None  # there is nothing to say of what could not be restored
            print(problem, flush=True)
            return True
        self._tell(suite)
        failed = bool(super().run_model([]))
        return failed or not self._rehearsed or self._rehearsed.state != "accepted"

    def _begin(self) -> Suite | None:
        """Start the run's server; None without one, which is said once, by all that tell of the run."""
        self._suite = self.SUITE(self.options, self.PRODUCT)
        try:
            _ = self._suite.server
        except NoServerError as problem:
            self._problem = str(problem)
            print(problem, flush=True)
            return None
        self.context.suite = self._suite
        print(self._suite.headline(), flush=True)
        return self._suite

    def _end(self) -> None:
        interrupts.ignore()
        suite, self._suite = self._suite, None
        if not suite:
            return
        suite.close()
        if self._interrupted:
            sys.stdout, sys.stderr = self._streams  # behave, cut short, may leave them captured
        told = ["\nInterrupted."] * self._interrupted
        told += lines(self._rehearsed.figures()) if self._rehearsed else []
        for line in [*told, *suite.closing_lines()]:
            print(line, flush=True)

    def _tell(self, suite: Suite | None) -> None:
        """Give the reports what only the runner knows."""
        server = suite.server if suite else None
        figures = self._rehearsed.figures() if self._rehearsed else None
        told = about.of(
            self.PRODUCT, self.options, server, problem=self._problem, features=self.features, rehearsal=figures
        )
        about.give(self.config, self.formatters, told)


def _not_the_runner(*words: object, **how: Any) -> None:
    """Print what behave's main says, but for the line USING RUNNER: the first line of a run names its server."""
    if not str(*words).startswith("USING RUNNER"):
        print(*words, **how)


def _checked(config: Any, product: Product) -> Options:
    if "help" in config.userdata:
        print(f"What -D name=value takes here:\n{listing(product)}")
        sys.exit(0)
    try:
        return parse(config.userdata, product)
    except OptionError as error:
        raise ConfigError(redacted(str(error))) from error
