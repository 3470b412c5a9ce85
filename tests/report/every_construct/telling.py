"""A runner that tells the formatters what the gate would, without a server."""

from typing import Any

from behave.runner import Runner

from steps.support.attachable import Figure, Figures
from steps.support.product import META_ADS
from steps.support.report.about import rehearsed, tell
from steps.support.report.model import About, Script

ABOUT = About(
    title="Atribución de Meta Ads",
    subjects=(META_ADS,),
    postgres="18.6, servidor de prueba",
    scripts=(Script("migrations/prueba.sql", "0123456789abcdef" * 4),),
)
REHEARSAL = Figures(
    "Ensayo sobre una copia",
    "se puede migrar: sí & <ya>.",
    [Figure("pacientes", "1.000.000"), Figure("Para mirar antes", "una cosa | rara\ny otra")],
    "accepted",
    {"migration": "Meta Ads", "verdict": "accepted", "rows": 1_000_000, "look_at": ["una cosa", "y otra"]},
)


class Telling(Runner):  # type: ignore[misc]
    """behave's own, with what the run is about."""

    def run_model(self, features: Any = None) -> bool:
        """Run, once the formatters have heard."""
        tell(self.config, self.formatters, ABOUT)
        rehearsed([*self.formatters, *self.config.reporters], [REHEARSAL] * (not self.config.name))
        return bool(super().run_model(features))
