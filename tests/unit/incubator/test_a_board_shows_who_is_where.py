"""A board keeps every stage in order, empty ones too."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from incubator.programmes.domain import Cohort, Programme, path
from incubator.projects.domain import Exit, ExitReason, Project, board

AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
PROGRAMME = Programme(
    programme_id="programme_1",
    name="Starter",
    description="",
    duration_months=3,
    stages=path(["Étude", "Vente", "Statuts"], ["stage_1", "stage_2", "stage_3"]),
    version=1,
)
COHORT = Cohort(
    cohort_id="cohort_1",
    programme_id="programme_1",
    name="Starter, automne",
    starts_on=date(2026, 9, 1),
    ends_on=date(2026, 12, 1),
    capacity=12,
    taken=3,
    version=1,
)
PROJECT = Project(
    project_id="project_1",
    programme_id="programme_1",
    cohort_id="cohort_1",
    name="Les Fanes",
    pitch="Cuisiner.",
    holders=(),
    stage_id="stage_3",
    stage_at=AT,
    began_on=date(2026, 9, 1),
    exit=None,
    version=1,
)


def test_a_board_has_every_stage_in_order_and_the_longest_waiting_first() -> None:
    older = replace(PROJECT, project_id="project_2", stage_at=AT - timedelta(days=1))
    first = replace(PROJECT, project_id="project_3", stage_id="stage_1")
    seen = board(COHORT, PROGRAMME, [PROJECT, older, first])
    assert [(stage.stage_id, list(projects)) for stage, projects in seen.columns] == [
        ("stage_1", [first]),
        ("stage_2", []),
        ("stage_3", [older, PROJECT]),
    ]


def test_those_who_left_stand_beside_the_stages_the_latest_first() -> None:
    early, late = (
        replace(PROJECT, project_id=f"project_{day}", exit=Exit(reason=ExitReason.ABANDONED, on=date(2026, 10, day)))
        for day in (1, 9)
    )
    seen = board(COHORT, PROGRAMME, [early, late])
    assert list(seen.exited) == [late, early]
    assert all(not projects for _, projects in seen.columns)
