"""Run a SQL file from a revision: the same text psql runs, untouched."""

from pathlib import Path

from alembic import context, op

FOLDER = Path(__file__).parent


def run(name: str, folder: Path = FOLDER) -> None:
    """Send the file's text as one statement, or print it under `--sql`.

    The acceptance suite puts a candidate in the place of a script through `Config.attributes["scripts"]`.
    """
    candidates: dict[str, Path] = context.config.attributes.get("scripts", {})
    sql = candidates.get(name, folder / name).read_text(encoding="utf-8-sig")  # psql passes over a byte order mark too
    if context.is_offline_mode():
        op.get_context().impl.static_output(sql)
    else:
        # Neither the driver nor SQLAlchemy may read % or :name as a parameter.
        op.get_bind().exec_driver_sql(sql, execution_options={"no_parameters": True})
