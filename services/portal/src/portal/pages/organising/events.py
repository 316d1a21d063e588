"""The events one takes part in preparing; beginning one; what an event says of itself."""

from datetime import timedelta

from groupement.shared_identity.v1.joint_event_pb2 import JOINT_EVENT_STATE_DRAFT, JointEvent, Venue
from groupement.shared_identity.v1.joint_event_service_pb2 import (
    CreateEventRequest,
    ListMyEventsRequest,
    MyEvent,
    UpdateEventRequest,
)
from servicekit.timestamps import instant, timestamp
from starlette.responses import Response

from portal.forms import Form
from portal.pages.organising.desk import MANAGE, OVER, PREPARE, Desk, Room, desk_of, room_of
from portal.pages.organising.moments import day_field, moment, time_field
from portal.parts import Part, part
from portal.visit import Visit

_FIELDS = {"start_time": "start_day", "end_time": "end_day", "name": "venue_name"}
_EVENING = timedelta(days=30)
_PATIENCE = 3.0
_TABS = ("avenir", "brouillons", "passes")


async def show_mine(visit: Visit) -> Response:
    """`GET /equipe/{structure}/evenements?etat=` and `GET /organiser?etat=`: by what is next, drafts, and past."""
    room = await room_of(visit)
    page = await room.ask(
        room.identity.joint_events.ListMyEvents,
        ListMyEventsRequest(page_size=50, page_token=visit.query("apres")),
    )
    sorted_out: dict[str, list[MyEvent]] = {tab: [] for tab in _TABS}
    for mine in page.events:
        sorted_out[_tab_of(visit, mine.event)].append(mine)
    sorted_out["avenir"].reverse()
    asked = visit.query("etat")
    tab = asked if asked in _TABS else next((t for t in _TABS if sorted_out[t]), _TABS[0])
    return await visit.page(
        "organising/events.html",
        house=room.house,
        room=room,
        lists=sorted_out,
        tab=tab,
        next_page=page.next_page_token,
        may_create=bool(room.roles & PREPARE),
    )


async def takes_part(visit: Visit) -> Part[bool]:
    """Whether the visitor has an event to prepare: delegates have no team, and find their way from the dashboard."""

    async def ask() -> bool:
        stub, structure = visit.backends.identity.joint_events, visit.portal.settings.structures[0]
        wish = ListMyEventsRequest(page_size=1)
        return bool((await visit.ask(stub.ListMyEvents, wish, structure=structure, timeout=_PATIENCE)).events)

    return await part(ask(), empty=False)


async def show_new(visit: Visit) -> Response:
    """`GET /equipe/{structure}/evenements/nouveau`"""
    room = await room_of(visit, PREPARE)
    day = (visit.today() + _EVENING).isoformat()
    values = {"start_day": day, "start_clock": "18:00", "end_day": day, "end_clock": "22:00"}
    return await _new_page(room, Form(values=values), 200)


async def create(visit: Visit) -> Response:
    """`POST /equipe/{structure}/evenements/nouveau`"""
    form = await visit.form()
    room = await room_of(visit, PREPARE)

    async def act() -> Response:
        made = await room.ask(
            room.identity.joint_events.CreateEvent,
            CreateEventRequest(
                slug=form.value("slug"),
                title=form.value("title"),
                summary=form.value("summary"),
                description=form.value("description"),
                start_time=timestamp(moment(form, "start_day", "start_clock")),
                end_time=timestamp(moment(form, "end_day", "end_clock")),
                venue=_venue(form),
                request_id=form.request_id,
            ),
        )
        say = visit.language.say("L'événement est créé. Il reste un brouillon tant que vous ne le publiez pas.")
        return visit.redirect(room.event_at(made.event.event_id), say=say)

    async def again(shown: Form, status: int) -> Response:
        return await _new_page(room, shown, status)

    return await visit.submit(form, act, again, fields=_FIELDS)


async def show_edit(visit: Visit) -> Response:
    """`GET .../{event}/modifier`"""
    desk = await desk_of(visit, MANAGE)
    return await _edit_page(desk, Form(values=_values(desk.event)), 200)


async def edit(visit: Visit) -> Response:
    """`POST .../{event}/modifier`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)

    async def do() -> str:
        await desk.ask(
            desk.identity.joint_events.UpdateEvent,
            UpdateEventRequest(
                event_id=desk.event.event_id,
                etag=form.value("etag"),
                slug=form.value("slug") or desk.event.slug,
                title=form.value("title"),
                summary=form.value("summary"),
                description=form.value("description"),
                start_time=timestamp(moment(form, "start_day", "start_clock")),
                end_time=timestamp(moment(form, "end_day", "end_clock")),
                venue=_venue(form),
                request_id=form.request_id,
            ),
        )
        return visit.language.say("L'événement est enregistré.")

    async def again(shown: Form, status: int) -> Response:
        return await _edit_page(desk, shown, status)

    return await desk.carry_out(form, do, again, fields=_FIELDS)


def _tab_of(visit: Visit, event: JointEvent) -> str:
    if event.state in OVER or instant("end_time", event.end_time) <= visit.now:
        return "passes"
    return "brouillons" if event.state == JOINT_EVENT_STATE_DRAFT else "avenir"


def _venue(form: Form) -> Venue:
    return Venue(
        name=form.value("venue_name"),
        address=form.value("address"),
        directions=form.value("directions"),
        accessibility=form.value("accessibility"),
    )


def _values(event: JointEvent) -> dict[str, str]:
    return {
        "etag": event.etag,
        "slug": event.slug,
        "title": event.title,
        "summary": event.summary,
        "description": event.description,
        "start_day": day_field(event.start_time),
        "start_clock": time_field(event.start_time),
        "end_day": day_field(event.end_time),
        "end_clock": time_field(event.end_time),
        "venue_name": event.venue.name,
        "address": event.venue.address,
        "directions": event.venue.directions,
        "accessibility": event.venue.accessibility,
    }


async def _new_page(room: Room, form: Form, status: int) -> Response:
    return await room.visit.page("organising/new.html", status=status, house=room.house, room=room, form=form)


async def _edit_page(desk: Desk, form: Form, status: int) -> Response:
    return await desk.page("edit.html", tab="edit", status=status, form=form)
