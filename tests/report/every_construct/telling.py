"""A runner that tells the formatters what the gate would, without a server."""

from typing import Any

from behave.runner import Runner

from steps.support.harness.report import about as runner
from steps.support.harness.report.model import About

ABOUT = About(postgres="18.6, servidor de prueba", script="migrations/prueba.sql", checksum="0123456789abcdef" * 4)


class Telling(Runner):  # type: ignore[misc]
    """behave's own, with what the run is about."""

    def run_model(self, features: Any = None) -> bool:
        """Run, once the formatters have heard."""
        runner.prepare(self.config, self.formatters, ABOUT)
        return bool(super().run_model(features))
