"""What this service keeps: one table a noun, with the rules that the database itself holds."""

from servicekit.sql import SORT_TEXT, UtcDateTime, service_metadata
from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

METADATA = service_metadata()


programme = Table(
    "programme",
    METADATA,
    Column("programme_id", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("sort_name", SORT_TEXT, nullable=False),
    Column("description", Text, nullable=False),
    Column("duration_months", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("duration_months BETWEEN 1 AND 60", name="duration"),
    Index("programme_by_name", "sort_name", "programme_id"),
)
"""Paths the structure offers."""

stage = Table(
    "stage",
    METADATA,
    Column("stage_id", Text, primary_key=True),
    Column("programme_id", Text, ForeignKey("programme.programme_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("position", Integer, nullable=False),
    UniqueConstraint("programme_id", "position"),
    UniqueConstraint("programme_id", "stage_id"),
)
"""Steps of a path."""

cohort = Table(
    "cohort",
    METADATA,
    Column("cohort_id", Text, primary_key=True),
    Column("programme_id", Text, ForeignKey("programme.programme_id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("taken >= 0", name="taken"),
    CheckConstraint("taken <= capacity", name="never_overfull"),
    CheckConstraint("ends_on >= starts_on", name="period"),
    UniqueConstraint("programme_id", "cohort_id"),
    Index("cohort_newest", "starts_on", "cohort_id"),
    Index("cohort_newest_of_programme", "programme_id", "starts_on", "cohort_id"),
)
"""Groups that go through a programme together; `taken` counts the projects still accompanied."""

project = Table(
    "project",
    METADATA,
    Column("project_id", Text, primary_key=True),
    Column("programme_id", Text, nullable=False),
    Column("cohort_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("pitch", Text, nullable=False),
    Column("stage_id", Text, nullable=False),
    Column("stage_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("exit_reason", Text),
    Column("exited_on", Date),
    Column("began_on", Date, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["programme_id", "cohort_id"], ["cohort.programme_id", "cohort.cohort_id"]),
    ForeignKeyConstraint(["programme_id", "stage_id"], ["stage.programme_id", "stage.stage_id"]),
    CheckConstraint(
        "(state = 'ACTIVE' AND exit_reason IS NULL AND exited_on IS NULL)"
        " OR (state = 'EXITED' AND exit_reason IS NOT NULL AND exited_on IS NOT NULL AND exited_on >= began_on)",
        name="exit",
    ),
    Index("project_board", "cohort_id", "state", "stage_at", "project_id"),
)
"""What holders bring and the structure incubates."""

holder = Table(
    "holder",
    METADATA,
    Column("project_id", Text, ForeignKey("project.project_id"), primary_key=True),
    Column("person_id", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("membership_id", Text, nullable=False, unique=True),
    Index("holder_person", "person_id", "project_id"),
)
"""Who carries a project, and the membership declared for it."""

application = Table(
    "application",
    METADATA,
    Column("application_id", Text, primary_key=True),
    Column("programme_id", Text, ForeignKey("programme.programme_id"), nullable=False),
    Column("person_id", Text, nullable=False),
    Column("applicant_name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("project_name", Text, nullable=False),
    Column("pitch", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("project_id", Text, ForeignKey("project.project_id"), unique=True),
    Column("submitted_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime),
    Column("version", Integer, nullable=False),
    CheckConstraint("(state = 'ADMITTED') = (project_id IS NOT NULL)", name="admitted"),
    CheckConstraint("(state = 'SUBMITTED') = (decided_at IS NULL)", name="decided"),
    Index(
        "application_one_open",
        "person_id",
        "programme_id",
        unique=True,
        sqlite_where=text("state = 'SUBMITTED'"),
        postgresql_where=text("state = 'SUBMITTED'"),
    ),
    Index("application_mine", "person_id", "submitted_at", "application_id"),
    Index("application_oldest", "submitted_at", "application_id"),
    Index("application_oldest_of_state", "state", "submitted_at", "application_id"),
)
"""Requests to enter a programme; at most one open per person and programme."""
