"""Where to keep which Meta ad brought a patient."""

from collections.abc import Callable

revision = "0002"
down_revision = "0001"


def upgrade(run: Callable[[str], None]) -> None:
    run("01_meta_ads_columns.sql")


def downgrade(run: Callable[[str], None]) -> None:
    run("01_meta_ads_columns_down.sql")
