"""Programmes and cohorts, projects and their holders, applications."""

import sqlalchemy as sa
from alembic import op
from servicekit.sql import UtcDateTime
from servicekit.sql.migrations import create_kit_tables

revision = "0001_from_application_to_exit"
down_revision = None


def upgrade() -> None:
    """Makes the tables of programmes, projects and calls, and the kit's."""
    create_kit_tables(op)
    _programmes()
    _cohorts()
    _projects()
    _applications()


def _programmes() -> None:
    op.create_table(
        "programme",
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("sort_name", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("duration_months", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("duration_months BETWEEN 1 AND 60", name=op.f("programme_duration")),
        sa.PrimaryKeyConstraint("programme_id", name=op.f("programme_pkey")),
    )
    op.create_index("programme_by_name", "programme", ["sort_name", "programme_id"])
    op.create_table(
        "stage",
        sa.Column("stage_id", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.programme_id"], name=op.f("stage_programme_id_fkey")),
        sa.PrimaryKeyConstraint("stage_id", name=op.f("stage_pkey")),
        sa.UniqueConstraint("programme_id", "position", name=op.f("stage_programme_id_position_key")),
        sa.UniqueConstraint("programme_id", "stage_id", name=op.f("stage_programme_id_stage_id_key")),
    )


def _cohorts() -> None:
    op.create_table(
        "cohort",
        sa.Column("cohort_id", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_on >= starts_on", name=op.f("cohort_period")),
        sa.CheckConstraint("taken <= capacity", name=op.f("cohort_never_overfull")),
        sa.CheckConstraint("taken >= 0", name=op.f("cohort_taken")),
        sa.ForeignKeyConstraint(["programme_id"], ["programme.programme_id"], name=op.f("cohort_programme_id_fkey")),
        sa.PrimaryKeyConstraint("cohort_id", name=op.f("cohort_pkey")),
        sa.UniqueConstraint("programme_id", "cohort_id", name=op.f("cohort_programme_id_cohort_id_key")),
    )
    op.create_index("cohort_newest", "cohort", ["starts_on", "cohort_id"])
    op.create_index("cohort_newest_of_programme", "cohort", ["programme_id", "starts_on", "cohort_id"])


def _projects() -> None:
    op.create_table(
        "project",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("cohort_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("pitch", sa.Text(), nullable=False),
        sa.Column("stage_id", sa.Text(), nullable=False),
        sa.Column("stage_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("exit_reason", sa.Text()),
        sa.Column("exited_on", sa.Date()),
        sa.Column("began_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'ACTIVE' AND exit_reason IS NULL AND exited_on IS NULL)"
            " OR (state = 'EXITED' AND exit_reason IS NOT NULL AND exited_on IS NOT NULL AND exited_on >= began_on)",
            name=op.f("project_exit"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "cohort_id"],
            ["cohort.programme_id", "cohort.cohort_id"],
            name=op.f("project_programme_id_cohort_id_fkey"),
        ),
        sa.ForeignKeyConstraint(
            ["programme_id", "stage_id"],
            ["stage.programme_id", "stage.stage_id"],
            name=op.f("project_programme_id_stage_id_fkey"),
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("project_pkey")),
    )
    op.create_index("project_board", "project", ["cohort_id", "state", "stage_at", "project_id"])
    _holders()


def _holders() -> None:
    op.create_table(
        "holder",
        sa.Column("project_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("membership_id", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["project_id"], ["project.project_id"], name=op.f("holder_project_id_fkey")),
        sa.PrimaryKeyConstraint("project_id", "person_id", name=op.f("holder_pkey")),
        sa.UniqueConstraint("membership_id", name=op.f("holder_membership_id_key")),
    )
    op.create_index("holder_person", "holder", ["person_id", "project_id"])


def _applications() -> None:
    op.create_table(
        "application",
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("programme_id", sa.Text(), nullable=False),
        sa.Column("person_id", sa.Text(), nullable=False),
        sa.Column("applicant_name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("project_name", sa.Text(), nullable=False),
        sa.Column("pitch", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("project_id", sa.Text()),
        sa.Column("submitted_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime()),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'ADMITTED') = (project_id IS NOT NULL)", name=op.f("application_admitted")),
        sa.CheckConstraint("(state = 'SUBMITTED') = (decided_at IS NULL)", name=op.f("application_decided")),
        sa.ForeignKeyConstraint(
            ["programme_id"], ["programme.programme_id"], name=op.f("application_programme_id_fkey")
        ),
        sa.ForeignKeyConstraint(["project_id"], ["project.project_id"], name=op.f("application_project_id_fkey")),
        sa.PrimaryKeyConstraint("application_id", name=op.f("application_pkey")),
        sa.UniqueConstraint("project_id", name=op.f("application_project_id_key")),
    )
    op.create_index(
        "application_one_open",
        "application",
        ["person_id", "programme_id"],
        unique=True,
        sqlite_where=sa.text("state = 'SUBMITTED'"),
        postgresql_where=sa.text("state = 'SUBMITTED'"),
    )
    op.create_index("application_mine", "application", ["person_id", "submitted_at", "application_id"])
    op.create_index("application_oldest", "application", ["submitted_at", "application_id"])
    op.create_index("application_oldest_of_state", "application", ["state", "submitted_at", "application_id"])
