"""What an event is made of: its sessions, the challenges it works on, the questions asked at registration."""

from google.protobuf.timestamp_pb2 import Timestamp
from groupement.shared_identity.v1.joint_event_pb2 import (
    SESSION_FORMAT_TALK,
    SESSION_FORMAT_UNSPECIFIED,
    Session,
    SessionFormat,
)
from groupement.shared_identity.v1.joint_event_service_pb2 import (
    RemoveSessionRequest,
    SaveSessionRequest,
)
from groupement.shared_identity.v1.registration_service_pb2 import SetSessionCapacityRequest
from starlette.responses import Response

from portal.forms import Form
from portal.pages.organising.desk import MANAGE, OWN, Desk, PartIsGone, Undo, desk_of
from portal.pages.organising.moments import day_field, number, one_of, span, ticked, time_field
from portal.pages.organising.seats import pools_of
from portal.visit import Visit

NEW = "nouveau"
_TO = "/programme"


async def show(visit: Visit) -> Response:
    """`GET .../{event}/programme`"""
    return await programme_page(await desk_of(visit, OWN), Form(), 200)


async def show_session(visit: Visit) -> Response:
    """`GET .../{event}/programme/temps/{session}`; `nouveau` adds one."""
    desk = await desk_of(visit, MANAGE)
    session = _session(desk)
    return await _session_page(desk, session, Form(values=_session_values(session)), 200)


async def save_session(visit: Visit) -> Response:
    """`POST .../{event}/programme/temps/{session}`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)
    before = _session(desk)

    async def do() -> str:
        start, end = span(form, "day", "start_clock", "end_clock")
        session = Session(
            session_id=before.session_id,
            title=form.value("title"),
            description=form.value("description"),
            format=one_of(SessionFormat.values(), form.value("format"), SESSION_FORMAT_UNSPECIFIED),
            start_time=start,
            end_time=end,
            room=form.value("room"),
            challenge_id=form.value("challenge_id"),
            speakers=form.value("speakers"),
            chosen=ticked(form, "chosen"),
        )
        wish = SaveSessionRequest(event_id=desk.event.event_id, session=session, request_id=form.request_id)
        saved = await desk.ask(desk.identity.joint_events.SaveSession, wish)
        if session.chosen and form.value("seats"):
            again = SetSessionCapacityRequest(
                event_id=desk.event.event_id, session_id=saved.session.session_id, size=number(form, "seats")
            )
            await desk.ask(desk.identity.registrations.SetSessionCapacity, again)
        return visit.language.say("« %(title)s » est au programme.", title=session.title)

    async def again(shown: Form, status: int) -> Response:
        return await _session_page(desk, before, shown, status)

    fields = {"start_time": "start_clock", "end_time": "end_clock", "session_id": ""}
    return await desk.carry_out(form, do, again, to=_TO, fields=fields)


async def remove_session(visit: Visit) -> Response:
    """`POST .../{event}/programme/temps/{session}/retirer`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)
    session = _session(desk)
    undo = await _undo(desk, session) if comes_back(desk, session) else None

    async def do() -> str:
        wish = RemoveSessionRequest(
            event_id=desk.event.event_id, session_id=session.session_id, request_id=form.request_id
        )
        await desk.ask(desk.identity.joint_events.RemoveSession, wish)
        return visit.language.say("« %(title)s » n'est plus au programme.", title=session.title)

    async def again(shown: Form, status: int) -> Response:
        return await programme_page(desk, shown, status)

    return await desk.carry_out(form, do, again, to=_TO, undo=undo)


def comes_back(desk: Desk, session: Session) -> bool:
    """Whether all of a session can be put back once it was taken away: no question goes with it, nobody's wish."""
    asked = any(question.session_id == session.session_id for question in desk.event.questions)
    return not asked and (desk.draft or not session.chosen)


async def programme_page(desk: Desk, form: Form, status: int) -> Response:
    """The programme, with what was refused."""
    titles = {each.challenge_id: each.title for each in desk.event.challenges}
    rooms = {each.session_id: each.title for each in desk.event.sessions}
    return await desk.page(
        "programme.html", tab="programme", status=status, form=form, challenge_titles=titles, session_titles=rooms
    )


def _session(desk: Desk) -> Session:
    """The session of the address, or a fresh one after the last; raises PartIsGone."""
    asked = desk.visit.path("session")
    if asked == NEW:
        last = max((each.end_time.seconds for each in desk.event.sessions), default=0)
        end = desk.event.end_time
        start = Timestamp(seconds=last) if 0 < last < end.seconds else desk.event.start_time
        return Session(format=SESSION_FORMAT_TALK, start_time=start, end_time=end)
    for each in desk.event.sessions:
        if each.session_id == asked:
            return each
    raise PartIsGone


async def _undo(desk: Desk, session: Session) -> Undo:
    """The session again, with as many seats."""
    seats = {each.session_id: pool.size for each, pool in (await pools_of(desk)).sessions}
    size = seats.get(session.session_id, 0)
    values = {**_session_values(session), "seats": str(size) if size else ""}
    return Undo(to=f"{_TO}/temps/{NEW}", values=values, label=desk.visit.language.say("Le remettre au programme"))


def _session_values(session: Session) -> dict[str, str]:
    return {
        "title": session.title,
        "description": session.description,
        "format": str(session.format),
        "day": day_field(session.start_time),
        "start_clock": time_field(session.start_time),
        "end_clock": time_field(session.end_time),
        "room": session.room,
        "challenge_id": session.challenge_id,
        "speakers": session.speakers,
        "chosen": "oui" if session.chosen else "",
    }


async def _session_page(desk: Desk, session: Session, form: Form, status: int) -> Response:
    formats = desk.choices("session_format", SessionFormat.values())
    challenges = [(each.challenge_id, each.title) for each in desk.event.challenges]
    return await desk.page(
        "session.html",
        tab="programme",
        status=status,
        form=form,
        session=session,
        formats=formats,
        challenges=challenges,
        comes_back=comes_back(desk, session),
    )
