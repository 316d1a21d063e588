"""What the structure offers must make sense; the refusal names the field at fault."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from incubator.programmes.domain import (
    CohortWish,
    PeriodReversed,
    Programme,
    ProgrammeWish,
    StageRepeated,
    UnknownStage,
    path,
)
from servicekit.fields import FieldMissing, FieldOutOfRange, FieldTooLong, TextUnprintable

STARTER = ProgrammeWish(name="Starter", description="", duration_months=3, stage_names=["Étude de marché"])
AUTUMN = CohortWish(
    programme_id="programme_1",
    name="Starter, automne",
    starts_on=date(2026, 9, 1),
    ends_on=date(2026, 9, 1),
    capacity=500,
)


def test_stages_are_numbered_from_one_in_the_order_of_their_names() -> None:
    stages = path(["Étude de marché", "Techniques de vente"], ["stage_1", "stage_2"])
    assert [(stage.position, stage.name, stage.stage_id) for stage in stages] == [
        (1, "Étude de marché", "stage_1"),
        (2, "Techniques de vente", "stage_2"),
    ]


def test_a_programme_knows_its_own_stages_only() -> None:
    stages = path(["Étude de marché"], ["stage_1"])
    programme = Programme(
        programme_id="programme_1", name="Starter", description="", duration_months=3, stages=stages, version=1
    )
    assert programme.stage("stage_1") is stages[0]
    with pytest.raises(UnknownStage):
        programme.stage("stage_2")


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"name": ""}, FieldMissing, "name"),
        ({"name": "a" * 121}, FieldTooLong, "name"),
        ({"name": "Star\0ter"}, TextUnprintable, "name"),
        ({"description": "a" * 4001}, FieldTooLong, "description"),
        ({"duration_months": 0}, FieldOutOfRange, "duration_months"),
        ({"duration_months": 61}, FieldOutOfRange, "duration_months"),
        ({"stage_names": []}, FieldOutOfRange, "stage_names"),
        ({"stage_names": ["a"] * 51}, FieldOutOfRange, "stage_names"),
        ({"stage_names": ["Étude", ""]}, FieldMissing, "stage_names[1]"),
        ({"stage_names": ["Étude", "Vente", "Étude"]}, StageRepeated, "stage_names[2]"),
    ],
)
def test_a_programme_that_makes_no_sense_is_refused(
    change: dict[str, Any], refusal: type[Exception], field: str
) -> None:
    with pytest.raises(refusal) as refused:
        replace(STARTER, **change)
    assert getattr(refused.value, "field", "") == field


@pytest.mark.parametrize(
    ("change", "refusal", "field"),
    [
        ({"name": ""}, FieldMissing, "name"),
        ({"capacity": 0}, FieldOutOfRange, "capacity"),
        ({"capacity": 501}, FieldOutOfRange, "capacity"),
        ({"ends_on": date(2026, 8, 31)}, PeriodReversed, "period.end_date"),
    ],
)
def test_a_cohort_that_makes_no_sense_is_refused(change: dict[str, Any], refusal: type[Exception], field: str) -> None:
    with pytest.raises(refusal) as refused:
        replace(AUTUMN, **change)
    assert getattr(refused.value, "field", "") == field
