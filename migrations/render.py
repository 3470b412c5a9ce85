"""Render the scripts of this folder from their parts: `python -m migrations.render` writes them."""

import textwrap
import tomllib
from dataclasses import dataclass
from pathlib import Path

from mako.lookup import TemplateLookup  # type: ignore[import-untyped]
from mako.template import Template  # type: ignore[import-untyped]

FOLDER = Path(__file__).parent
TEMPLATES = FOLDER / "templates"
PARTS = TEMPLATES / "parts"
DOWN = "_down"
MARGIN = "--                  "
WIDTH = 118


@dataclass(frozen=True)
class Columns:
    """A part that adds columns to a table, as its TOML file declares it.

    `columns` are by name, each with its `type` (as format_type() spells it, without a length) and, where it has one, its
    `default`, a constant. `data` names what a downgrade would lose.
    """

    title: str
    table: str
    down_to: str
    data: str
    columns: dict[str, dict[str, str]]

    @property
    def listed(self) -> str:
        """The columns in words, with their defaults."""
        named = [name + (f" (default '{c['default']}')" if "default" in c else "") for name, c in self.columns.items()]
        return ", ".join(named[:-1]) + " and " * (len(named) > 1) + named[-1]

    def array(self) -> str:
        """Name, type and default of each as rows of a SQL array, aligned."""
        rows = [(_quoted(name), _quoted(c["type"]), _quoted(c.get("default"))) for name, c in self.columns.items()]
        widths = [max(len(row[place]) for row in rows) + 1 for place in (0, 1)]
        return ",\n    ".join(
            f"[{f'{name},':<{widths[0]}} {f'{kind},':<{widths[1]}} {preset}]" for name, kind, preset in rows
        )


def wrapped(heading: str, text: str) -> str:
    """A paragraph of a script's header under its heading."""
    lines = textwrap.wrap(text, WIDTH - len(MARGIN))
    return "\n".join([f"-- {heading:<17}{lines[0]}", *(MARGIN + line for line in lines[1:])]) + "\n"


def rendered(parts: Path = PARTS) -> dict[str, str]:
    """The text of each script that has a part in the folder `parts`, by the script's file name."""
    lookup = TemplateLookup(directories=[str(TEMPLATES)], strict_undefined=True, input_encoding="utf-8")
    scripts = {}
    for path in sorted(parts.iterdir()):
        if path.suffix == ".toml":
            declared = Columns(**tomllib.loads(path.read_text(encoding="utf-8")))
            for suffix in ("", DOWN):
                template = lookup.get_template(f"columns{suffix}.sql.mako")
                name = path.stem + suffix
                scripts[f"{name}.sql"] = str(template.render(name=name, wrapped=wrapped, part=declared))
        else:
            template = Template(filename=str(path), lookup=lookup, strict_undefined=True, input_encoding="utf-8")
            name = path.name.removesuffix(".sql.mako")
            scripts[f"{name}.sql"] = str(template.render(name=name, wrapped=wrapped))
    return scripts


def main() -> None:
    """Write every script."""
    for name, sql in rendered().items():
        (FOLDER / name).write_text(sql, encoding="utf-8")


def _quoted(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


if __name__ == "__main__":
    main()
