"""Applications as messages, and the facts told of them."""

from datetime import datetime

from google.protobuf.message import Message
from groupement.incubator.v1 import application_pb2 as pb
from groupement.incubator.v1 import call_service_pb2 as service
from groupement.incubator.v1 import events_pb2 as events
from servicekit import fields
from servicekit.etags import etag
from servicekit.facts import Fact, fact
from servicekit.identifiers import is_id
from servicekit.refusals import Invalid
from servicekit.rpc.paging import instant
from servicekit.timestamps import timestamp

from incubator.calls.domain import Application, ApplicationState, ApplicationWish, UnknownApplication
from incubator.programmes.wire import programme_id
from incubator.projects.domain import Project

_STATES = {pb.ApplicationState.Value(f"APPLICATION_STATE_{state}"): state for state in ApplicationState}


class StateUnknown(Invalid):
    """There is no such state of an application."""


def application_id(text: str) -> str:
    """An application's id; raises UnknownApplication on what can be none."""
    if not is_id(text, "application"):
        raise UnknownApplication(field="application_id")
    return text


def application_wish(request: service.SubmitApplicationRequest) -> ApplicationWish:
    """The application sent; raises Invalid or UnknownProgramme."""
    return ApplicationWish(
        programme_id=programme_id(request.programme_id),
        applicant_name=fields.one_line(request.applicant_name),
        email=fields.one_line(request.email),
        phone=fields.one_line(request.phone),
        project_name=fields.one_line(request.project_name),
        pitch=fields.paragraphs(request.pitch),
    )


def state(request: service.ListApplicationsRequest) -> ApplicationState | None:
    """The state asked for, or None for all; raises StateUnknown."""
    if request.state == pb.APPLICATION_STATE_UNSPECIFIED:
        return None
    if request.state not in _STATES:
        raise StateUnknown(field="state")
    return _STATES[request.state]


def application_message(application: Application) -> pb.Application:
    """An application as it travels."""
    return pb.Application(
        application_id=application.application_id,
        programme_id=application.programme_id,
        person_id=application.person_id,
        applicant_name=application.applicant_name,
        email=application.email,
        phone=application.phone,
        project_name=application.project_name,
        pitch=application.pitch,
        state=pb.ApplicationState.Value(f"APPLICATION_STATE_{application.state}"),
        project_id=application.project_id or "",
        submit_time=timestamp(application.submitted_at),
        decide_time=timestamp(application.decided_at) if application.decided_at else None,
        etag=etag(application.version),
    )


def application_key(application: Application) -> tuple[str, str]:
    """Where an application stands in a list."""
    return application.submitted_at.isoformat(), application.application_id


def after_instant(sent: str, row_id: str) -> tuple[datetime, str]:
    """The key a page of applications starts after; raises ValueError."""
    return instant(sent), row_id


def application_submitted(application: Application, *, at: datetime) -> Fact:
    """Tells that an application came in."""
    message = events.ApplicationSubmitted(
        application_id=application.application_id, programme_id=application.programme_id
    )
    return _told(message, application, at)


def application_admitted(application: Application, project: Project, *, at: datetime) -> Fact:
    """Tells that an application was admitted."""
    message = events.ApplicationAdmitted(
        application_id=application.application_id, cohort_id=project.cohort_id, project_id=project.project_id
    )
    return _told(message, application, at)


def application_declined(application: Application, *, at: datetime) -> Fact:
    """Tells that an application was declined."""
    return _told(events.ApplicationDeclined(application_id=application.application_id), application, at)


def application_withdrawn(application: Application, *, at: datetime) -> Fact:
    """Tells that its applicant took an application back."""
    return _told(events.ApplicationWithdrawn(application_id=application.application_id), application, at)


def _told(message: Message, application: Application, at: datetime) -> Fact:
    return fact(message, aggregate_id=application.application_id, version=application.version, at=at)
