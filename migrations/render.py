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
SCRIPTS = ("", "_down", "_before")  # of each part in TOML
MARGIN = "--                  "
WIDTH = 130
TEXTUAL = ("text", "character varying")


@dataclass(frozen=True)
class Columns:
    """A part that adds columns to a table, as its TOML file declares it.

    `columns` are by name, each with its `type` (as format_type() spells it, without a length) and, where it has one,
    its `default`, a constant. `data` names what a downgrade would lose; `alike` is a regular expression for names of
    columns that may hold the same already.
    """

    title: str
    table: str
    down_to: str
    data: str
    columns: dict[str, dict[str, str]]
    alike: str = ""

    @property
    def listed(self) -> str:
        """The columns in words, with their defaults."""
        named = [name + (f" (default '{c['default']}')" if "default" in c else "") for name, c in self.columns.items()]
        return ", ".join(named[:-1]) + " and " * (len(named) > 1) + named[-1]

    @property
    def names(self) -> str:
        """The columns as a list of SQL strings."""
        return ", ".join(map(_quoted, self.columns))

    def values(self, indent: int) -> str:
        """Rows of a SQL VALUES, aligned: number, name, type and default, the default as pg_get_expr() writes it."""
        rows = [(_quoted(name), _quoted(c["type"]), _quoted(_preset(c))) for name, c in self.columns.items()]
        widths = [max(len(row[place]) for row in rows) + 1 for place in (0, 1)]
        return (",\n" + " " * indent).join(
            f"({number}, {f'{name},':<{widths[0]}} {f'{kind},':<{widths[1]}} {preset})"
            for number, (name, kind, preset) in enumerate(rows, start=1)
        )

    def defaults(self, indent: int) -> str:
        """Rows of a SQL VALUES: name, and the value a row has that nobody wrote to."""
        rows = ((_quoted(name), _quoted(c.get("default"))) for name, c in self.columns.items())
        return (",\n" + " " * indent).join(f"({name}, {preset})" for name, preset in rows)


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
            for suffix in SCRIPTS:
                template = lookup.get_template(f"columns{suffix}.sql.mako")
                name = path.stem + suffix
                scripts[f"{name}.sql"] = str(
                    template.render(name=name, script=path.stem, wrapped=wrapped, part=declared)
                )
        else:
            given = {"lookup": lookup, "strict_undefined": True, "input_encoding": "utf-8"}
            template = Template(filename=str(path), **given)  # noqa: S702  it gives SQL, from our own files
            name = path.name.removesuffix(".sql.mako")
            scripts[f"{name}.sql"] = str(template.render(name=name, wrapped=wrapped))
    return scripts


def main() -> None:
    """Write every script."""
    for name, sql in rendered().items():
        (FOLDER / name).write_text(sql, encoding="utf-8")


def _preset(column: dict[str, str]) -> str | None:
    if "default" not in column:
        return None
    literal = _quoted(column["default"])
    return f"{literal}::{column['type']}" if column["type"] in TEXTUAL else column["default"]


def _quoted(value: str | None) -> str:
    return "NULL" if value is None else "'" + value.replace("'", "''") + "'"


if __name__ == "__main__":
    main()
