"""Lamps, and the kit's tables."""

import sqlalchemy as sa
from alembic import op
from servicekit.sql.migrations import create_kit_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Creates the tables."""
    create_kit_tables(op)
    op.create_table(
        "lamp",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("level", sa.Integer, nullable=False),
    )
    op.bulk_insert(sa.table("lamp", sa.column("id"), sa.column("level")), [{"id": "lamp_1", "level": 0}])
