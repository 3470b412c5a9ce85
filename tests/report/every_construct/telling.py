"""A runner that tells the formatters what the gate would, without a server."""

from typing import Any

from behave.runner import Runner

from steps.support.harness.report.about import tell
from steps.support.harness.report.model import About, Script
from steps.support.spec.product import META_ADS

ABOUT = About(
    title="Atribución de Meta Ads",
    subjects=(META_ADS,),
    postgres="18.6, servidor de prueba",
    scripts=(Script("migrations/prueba.sql", "0123456789abcdef" * 4),),
)


class Telling(Runner):  # type: ignore[misc]
    """behave's own, with what the run is about."""

    def run_model(self, features: Any = None) -> bool:
        """Run, once the formatters have heard."""
        tell(self.config, self.formatters, ABOUT)
        return bool(super().run_model(features))
