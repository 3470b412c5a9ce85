"""Builds the migrations into the service's package, where its Alembic and its images can find them."""

import shutil
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PLACE = "orchestrator_service/migrations"


class Migrations(BuildHookInterface):  # type: ignore[type-arg]
    """Puts `migrations/` at `orchestrator_service.migrations` in a wheel.

    Not as a package of its own: a service has a folder called migrations itself, and one would hide the other.
    """

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Copy them with their imports renamed; an editable install has them where they are."""
        if version == "editable":
            return
        self._folder = Path(tempfile.mkdtemp())
        copy = self._folder / "migrations"
        shutil.copytree(Path(self.root) / "migrations", copy, ignore=shutil.ignore_patterns("__pycache__"))
        for file in copy.rglob("*.py"):
            text = file.read_text(encoding="utf-8")
            for word in ("from", "import"):
                for after in (" ", "."):
                    text = text.replace(f"{word} migrations{after}", f"{word} {PLACE.replace('/', '.')}{after}")
            file.write_text(text, encoding="utf-8")
        build_data["force_include"][str(copy)] = PLACE

    def finalize(self, version: str, _build_data: dict[str, Any], _artifact: str) -> None:
        """Remove the copy."""
        if version != "editable":
            shutil.rmtree(self._folder)
