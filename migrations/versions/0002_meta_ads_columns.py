"""Where to keep which Meta ad brought a patient."""

from migrations import settings, sql_file

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    settings.hand_to_script()
    sql_file.run("01_meta_ads_columns_before.sql")
    sql_file.run("01_meta_ads_columns.sql")


def downgrade() -> None:
    settings.hand_to_script()
    sql_file.run("01_meta_ads_columns_down.sql")
