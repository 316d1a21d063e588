"""What a project may do on its path, decided without a database."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from incubator.programmes.domain import Stage
from incubator.projects.domain import (
    Exit,
    ExitBeforeBeginning,
    ExitInFuture,
    ExitReason,
    Holder,
    HolderMissing,
    HolderRepeated,
    Person,
    Project,
    ProjectAlreadyExited,
    ProjectState,
    ProjectWish,
)
from servicekit.etags import StaleEtag
from servicekit.fields import EmailMalformed, FieldMissing, FieldTooLong

AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 3)
CAMILLE = Person(person_id="person_4", name="Camille Fictive", email="camille@demo.example")
FIRST, SECOND = (Stage(stage_id=f"stage_{n}", name=f"Étape {n}", position=n) for n in (1, 2))
PROJECT = Project(
    project_id="project_1",
    programme_id="programme_1",
    cohort_id="cohort_1",
    name="Les Fanes",
    pitch="Cuisiner.",
    holders=(Holder(person=CAMILLE, membership_id="membership_1"),),
    stage_id=FIRST.stage_id,
    stage_at=AT,
    began_on=date(2026, 9, 1),
    exit=None,
    version=4,
)
WISH = ProjectWish(cohort_id="cohort_1", name="Les Fanes", pitch="Cuisiner.", people=[CAMILLE])
COMPLETED = Exit(reason=ExitReason.COMPLETED, on=TODAY)
LEFT = replace(PROJECT, exit=COMPLETED)


def test_a_project_moves_and_its_version_rises() -> None:
    moved = PROJECT.move(SECOND, etag='"4"', at=AT)
    assert (moved.stage_id, moved.stage_at, moved.version) == ("stage_2", AT, 5)


def test_a_project_that_stands_there_already_is_itself() -> None:
    assert PROJECT.move(FIRST, etag='"4"', at=AT) is PROJECT


def test_a_project_leaves_today_or_on_a_day_gone_by() -> None:
    left = PROJECT.leave(COMPLETED, etag='"4"', today=TODAY)
    assert (left.state, left.exit, left.version) == (ProjectState.EXITED, COMPLETED, 5)
    assert PROJECT.leave(replace(COMPLETED, on=PROJECT.began_on), etag="", today=TODAY).exit is not None


@pytest.mark.parametrize(
    ("day", "refusal"), [(date(2026, 11, 4), ExitInFuture), (date(2026, 8, 31), ExitBeforeBeginning)]
)
def test_a_project_leaves_neither_tomorrow_nor_before_it_began(day: date, refusal: type[Exception]) -> None:
    with pytest.raises(refusal) as refused:
        PROJECT.leave(replace(COMPLETED, on=day), etag="", today=TODAY)
    assert getattr(refused.value, "field", "") == "exit_date"


def test_what_left_neither_moves_nor_leaves_again() -> None:
    with pytest.raises(ProjectAlreadyExited) as refused:
        LEFT.move(SECOND, etag="", at=AT)
    assert refused.value.reason == "PROJECT_EXITED"
    with pytest.raises(ProjectAlreadyExited):
        LEFT.leave(COMPLETED, etag="", today=TODAY)


@pytest.mark.parametrize("etag", ['"3"', "4", "garbage", '"4" '])
def test_an_etag_of_another_version_is_stale(etag: str) -> None:
    with pytest.raises(StaleEtag):
        PROJECT.move(SECOND, etag=etag, at=AT)
    with pytest.raises(StaleEtag):
        PROJECT.leave(COMPLETED, etag=etag, today=TODAY)


def test_a_project_is_carried_by_its_holders_only() -> None:
    assert PROJECT.is_carried_by("person_4")
    assert not PROJECT.is_carried_by("person_5")


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"name": ""}, FieldMissing, "project_name"),
        ({"name": "a" * 121}, FieldTooLong, "project_name"),
        ({"pitch": ""}, FieldMissing, "pitch"),
        ({"pitch": "a" * 4001}, FieldTooLong, "pitch"),
        ({"people": []}, HolderMissing, "holders"),
        ({"people": [CAMILLE, CAMILLE]}, HolderRepeated, "holders[1].person_id"),
        ({"people": [replace(CAMILLE, name="")]}, FieldMissing, "holders[0].name"),
        ({"people": [replace(CAMILLE, email="camille")]}, EmailMalformed, "holders[0].email"),
    ],
)
def test_a_project_is_taken_in_with_a_name_a_pitch_and_holders(
    change: dict[str, Any], refusal: type[Exception], field: str
) -> None:
    with pytest.raises(refusal) as refused:
        replace(WISH, **change)
    assert getattr(refused.value, "field", "") == field
