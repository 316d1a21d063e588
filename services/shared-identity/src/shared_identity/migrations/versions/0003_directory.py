"""The directory: what people and organisations chose to show."""

import sqlalchemy as sa
from alembic import op

revision = "0003_directory"
down_revision = "0002_alliance"


def upgrade() -> None:
    """Makes the table of entries."""
    op.create_table(
        "directory_entry",
        sa.Column("entry_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text()),
        sa.Column("structure", sa.Text()),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("belongs", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entry_id", name="pk_directory_entry"),
        sa.CheckConstraint("(person_id IS NULL) <> (structure IS NULL)", name="ck_directory_entry_one_holder"),
        sa.ForeignKeyConstraint(["structure"], ["structure.slug"], name="fk_directory_entry_structure_structure"),
    )
    op.create_index("ix_directory_entry_person", "directory_entry", ["person_id", "entry_id"])
    op.create_index("ix_directory_entry_structure", "directory_entry", ["structure", "entry_id"])
    own = sa.text("kind = 'PERSON'")
    op.create_index(
        "uq_directory_entry_own", "directory_entry", ["person_id"], unique=True, sqlite_where=own, postgresql_where=own
    )
