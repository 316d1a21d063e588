"""Programmes and cohorts as messages."""

from datetime import date

from groupement.incubator.v1 import programme_pb2 as pb
from groupement.incubator.v1 import programme_service_pb2 as service
from groupement.type.v1 import period_pb2
from servicekit import fields
from servicekit.etags import etag
from servicekit.identifiers import is_id

from incubator.programmes.domain import (
    Cohort,
    CohortWish,
    Programme,
    ProgrammeWish,
    Stage,
    UnknownCohort,
    UnknownProgramme,
)


def programme_id(text: str) -> str:
    """A programme's id; raises UnknownProgramme on what can be none."""
    if not is_id(text, "programme"):
        raise UnknownProgramme(field="programme_id")
    return text


def cohort_id(text: str) -> str:
    """A cohort's id; raises UnknownCohort on what can be none."""
    if not is_id(text, "cohort"):
        raise UnknownCohort(field="cohort_id")
    return text


def programme_wish(request: service.CreateProgrammeRequest) -> ProgrammeWish:
    """The programme asked for; raises Invalid."""
    return ProgrammeWish(
        name=fields.one_line(request.name),
        description=fields.paragraphs(request.description),
        duration_months=request.duration_months,
        stage_names=[fields.one_line(name) for name in request.stage_names],
    )


def cohort_wish(request: service.OpenCohortRequest) -> CohortWish:
    """The cohort asked for; raises Invalid or UnknownProgramme."""
    return CohortWish(
        programme_id=programme_id(request.programme_id),
        name=fields.one_line(request.name),
        starts_on=fields.day("period.start_date", request.period.start_date),
        ends_on=fields.day("period.end_date", request.period.end_date),
        capacity=request.capacity,
    )


def stage_message(stage: Stage) -> pb.Stage:
    """A stage as it travels."""
    return pb.Stage(stage_id=stage.stage_id, name=stage.name, position=stage.position)


def programme_message(programme: Programme) -> pb.Programme:
    """A programme as it travels."""
    return pb.Programme(
        programme_id=programme.programme_id,
        name=programme.name,
        description=programme.description,
        duration_months=programme.duration_months,
        stages=[stage_message(stage) for stage in programme.stages],
        etag=etag(programme.version),
    )


def cohort_message(cohort: Cohort) -> pb.Cohort:
    """A cohort as it travels."""
    return pb.Cohort(
        cohort_id=cohort.cohort_id,
        programme_id=cohort.programme_id,
        name=cohort.name,
        period=period_pb2.Period(start_date=cohort.starts_on.isoformat(), end_date=cohort.ends_on.isoformat()),
        capacity=cohort.capacity,
        taken=cohort.taken,
        etag=etag(cohort.version),
    )


def programme_key(programme: Programme) -> tuple[str, str]:
    """Where a programme stands in the list."""
    return fields.sort_name(programme.name), programme.programme_id


def cohort_key(cohort: Cohort) -> tuple[str, str]:
    """Where a cohort stands in the list."""
    return cohort.starts_on.isoformat(), cohort.cohort_id


def after_name(name: str, row_id: str) -> tuple[str, str]:
    """The key a page of programmes starts after."""
    return name, row_id


def after_day(first_day: str, row_id: str) -> tuple[date, str]:
    """The key a page of what began on a day starts after; raises ValueError."""
    return date.fromisoformat(first_day), row_id
