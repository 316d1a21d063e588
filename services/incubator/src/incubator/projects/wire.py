"""Projects as messages, and the facts told of them."""

from datetime import date, datetime

from groupement.declaration.v1 import events_pb2 as declaration
from groupement.incubator.v1 import events_pb2 as events
from groupement.incubator.v1 import project_pb2 as pb
from groupement.incubator.v1 import project_service_pb2 as service
from groupement.type.v1 import period_pb2
from servicekit import fields
from servicekit.etags import etag
from servicekit.facts import Fact, fact
from servicekit.identifiers import is_id
from servicekit.refusals import Invalid
from servicekit.timestamps import timestamp

from incubator.programmes import wire as programmes
from incubator.projects.domain import Board, Exit, ExitReason, Holder, Project, UnknownProject

_REASONS = {pb.ExitReason.Value(f"EXIT_REASON_{reason}"): reason for reason in ExitReason}
_DECLARED, _ENDED = 1, 2
"""The versions of a membership: we say it once, and end it once."""


class ExitReasonUnknown(Invalid):
    """There is no such reason for leaving."""


def project_id(text: str) -> str:
    """A project's id; raises UnknownProject on what can be none."""
    if not is_id(text, "project"):
        raise UnknownProject(field="project_id")
    return text


def exit_reason(name: str) -> ExitReason:
    """Why a project left, by its name: `COMPLETED`; raises ExitReasonUnknown."""
    if name not in ExitReason.__members__:
        raise ExitReasonUnknown(field="reason")
    return ExitReason[name]


def leaving(request: service.ExitProjectRequest, *, today: date) -> Exit:
    """Why and when a project left; raises Invalid."""
    if request.reason == pb.EXIT_REASON_UNSPECIFIED:
        raise fields.FieldMissing(field="reason")
    if request.reason not in _REASONS:
        raise ExitReasonUnknown(field="reason")
    return Exit(
        reason=_REASONS[request.reason], on=fields.day("exit_date", request.exit_date) if request.exit_date else today
    )


def project_message(project: Project) -> pb.Project:
    """A project as it travels."""
    message = pb.Project(
        project_id=project.project_id,
        cohort_id=project.cohort_id,
        name=project.name,
        pitch=project.pitch,
        holders=[_holder_message(holder) for holder in project.holders],
        stage_id=project.stage_id,
        stage_time=timestamp(project.stage_at),
        state=pb.ProjectState.Value(f"PROJECT_STATE_{project.state}"),
        etag=etag(project.version),
    )
    if project.exit is not None:
        message.exit_reason = pb.ExitReason.Value(f"EXIT_REASON_{project.exit.reason}")
        message.exit_date = project.exit.on.isoformat()
    return message


def board_message(board: Board) -> service.GetCohortBoardResponse:
    """A board as it travels."""
    return service.GetCohortBoardResponse(
        cohort=programmes.cohort_message(board.cohort),
        programme=programmes.programme_message(board.programme),
        columns=[
            service.BoardColumn(stage=programmes.stage_message(stage), projects=map(project_message, projects))
            for stage, projects in board.columns
        ],
        exited=map(project_message, board.exited),
    )


def project_key(project: Project) -> tuple[str, str]:
    """Where a project stands in the list of its holder."""
    return project.began_on.isoformat(), project.project_id


def project_moved(project: Project, *, at: datetime) -> Fact:
    """Tells that a project stands at another stage."""
    message = events.ProjectMoved(project_id=project.project_id, stage_id=project.stage_id)
    return fact(message, aggregate_id=project.project_id, version=project.version, at=at)


def project_exited(project: Project, left: Exit, *, at: datetime) -> Fact:
    """Tells that a project left."""
    reason = pb.ExitReason.Value(f"EXIT_REASON_{left.reason}")
    message = events.ProjectExited(project_id=project.project_id, reason=reason)
    return fact(message, aggregate_id=project.project_id, version=project.version, at=at)


def membership_declared(project: Project, holder: Holder, *, at: datetime) -> Fact:
    """Declares a holder INCUBATED from the day their project was admitted, until further notice."""
    message = declaration.MembershipDeclared(
        membership_id=holder.membership_id,
        person_id=holder.person.person_id,
        kind=declaration.MEMBERSHIP_KIND_INCUBATED,
        period=period_pb2.Period(start_date=project.began_on.isoformat()),
    )
    return fact(message, aggregate_id=holder.membership_id, version=_DECLARED, at=at)


def membership_ended(holder: Holder, left: Exit, *, at: datetime) -> Fact:
    """Declares that a holder's membership is over."""
    message = declaration.MembershipEnded(
        membership_id=holder.membership_id,
        person_id=holder.person.person_id,
        end_date=left.on.isoformat(),
    )
    return fact(message, aggregate_id=holder.membership_id, version=_ENDED, at=at)


def _holder_message(holder: Holder) -> pb.Holder:
    return pb.Holder(person_id=holder.person.person_id, name=holder.person.name, email=holder.person.email)
