"""Programmes, the stages of their path, the cohorts that go through them, and the seats of a cohort."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from servicekit.fields import check_range, check_text
from servicekit.refusals import Conflict, Invalid, NotFound

LONGEST_NAME = 120
LONGEST_DESCRIPTION = 4000
LONGEST_PATH = 50
LONGEST_DURATION = 60
LARGEST_COHORT = 500


class UnknownProgramme(NotFound):
    """There is no such programme."""


class UnknownStage(NotFound):
    """This programme has no such stage."""


class UnknownCohort(NotFound):
    """There is no such cohort."""


class CohortFull(Conflict):
    """Every place of this cohort is taken."""


class StageRepeated(Invalid):
    """Two stages of one path may not have the same name."""


class PeriodReversed(Invalid):
    """The last day comes before the first."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A step of a path; positions count from one."""

    stage_id: str
    name: str
    position: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Programme:
    """A path that the structure offers, its stages in order."""

    programme_id: str
    name: str
    description: str
    duration_months: int
    stages: Sequence[Stage]
    version: int

    def stage(self, stage_id: str) -> Stage:
        """One of its stages; raises UnknownStage."""
        for stage in self.stages:
            if stage.stage_id == stage_id:
                return stage
        raise UnknownStage(field="stage_id")


@dataclass(frozen=True, kw_only=True, slots=True)
class Cohort:
    """A group that goes through a programme together; `taken` of its `capacity` places hold a project."""

    cohort_id: str
    programme_id: str
    name: str
    starts_on: date
    ends_on: date
    capacity: int
    taken: int
    version: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ProgrammeWish:
    """A programme to be made; raises Invalid naming the field at fault."""

    name: str
    description: str
    duration_months: int
    stage_names: Sequence[str]

    def __post_init__(self) -> None:
        check_text("name", self.name, most=LONGEST_NAME)
        check_text("description", self.description, most=LONGEST_DESCRIPTION, required=False)
        check_range("duration_months", self.duration_months, least=1, most=LONGEST_DURATION)
        check_range("stage_names", len(self.stage_names), least=1, most=LONGEST_PATH)
        for position, name in enumerate(self.stage_names):
            check_text(f"stage_names[{position}]", name, most=LONGEST_NAME)
            if name in self.stage_names[:position]:
                raise StageRepeated(field=f"stage_names[{position}]")


@dataclass(frozen=True, kw_only=True, slots=True)
class CohortWish:
    """A cohort to be opened; raises Invalid naming the field at fault."""

    programme_id: str
    name: str
    starts_on: date
    ends_on: date
    capacity: int

    def __post_init__(self) -> None:
        check_text("name", self.name, most=LONGEST_NAME)
        check_range("capacity", self.capacity, least=1, most=LARGEST_COHORT)
        if self.ends_on < self.starts_on:
            raise PeriodReversed(field="period.end_date")


def path(names: Iterable[str], stage_ids: Iterable[str]) -> Sequence[Stage]:
    """The stages of a path in order, from their names."""
    named = enumerate(zip(names, stage_ids, strict=False), start=1)
    return tuple(Stage(stage_id=stage_id, name=name, position=position) for position, (name, stage_id) in named)
