"""Events as calendars read them (RFC 5545): one of them, or all of them to subscribe to."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from groupement.shared_identity.v1.joint_event_pb2 import JOINT_EVENT_STATE_CANCELLED, JointEvent
from icalendar import Calendar, Event, vText
from starlette.responses import Response

from portal import formats
from portal.i18n import Language
from portal.pages.events.listing import events_page
from portal.pages.events.seats import published
from portal.visit import Visit
from portal.words import word

_PRODUCT = "-//Groupement//Portal//FR"
_A_WHILE = "public, max-age=300"
_REFRESH = timedelta(hours=1)
_BACK, _AHEAD = timedelta(days=2 * 365), timedelta(days=3 * 365)
"""How far the clock changes of the time zone are told."""


async def feed(visit: Visit) -> Response:
    """`GET /evenements.ics`: what is to come and what has been, to subscribe to."""
    coming, past = await events_page(visit, past=False), await events_page(visit, past=True)
    name = visit.language.say("Événements de %(groupement)s", groupement=await _groupement(visit))
    made = calendar([*coming.events, *past.events], name=name, told=told_to(visit))
    return answer(made, "evenements", cache=_A_WHILE)


async def one(visit: Visit) -> Response:
    """`GET /evenements/{slug}.ics`: one event, to put in a calendar."""
    event = await published(visit)
    return answer(calendar([event], name=event.title, told=told_to(visit)), event.slug, cache=_A_WHILE)


@dataclass(frozen=True, kw_only=True)
class Told:
    """Who tells (the portal's address), when, and in which language."""

    url: str
    now: datetime
    language: Language


def told_to(visit: Visit) -> Told:
    """What a visitor is told."""
    return Told(url=visit.portal.settings.url, now=visit.now, language=visit.language)


def calendar(events: Iterable[JointEvent], *, name: str, told: Told) -> Calendar:
    """A calendar of those events, published: it asks nobody for an answer (RFC 5546 §3.2.1)."""
    made = Calendar()
    made.add("prodid", _PRODUCT)
    made.add("version", "2.0")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    made.add("x-wr-timezone", formats.PARIS)
    made.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    for event in events:
        made.add_component(_entry(event, told))
    made.add_missing_timezones(first_date=told.now.date() - _BACK, last_date=told.now.date() + _AHEAD)
    return made


def answer(made: Calendar, name: str, *, cache: str) -> Response:
    """The calendar as a file of that name."""
    headers = {"content-disposition": f'inline; filename="{name}.ics"', "cache-control": cache}
    return Response(made.to_ical(), media_type="text/calendar", headers=headers)


def _entry(event: JointEvent, told: Told) -> Event:
    """One event; it keeps its UID for ever, and SEQUENCE tells which version is newer."""
    address = f"{told.url}/evenements/{event.slug}"
    entry = Event()
    entry.add("uid", f"{event.event_id}@{urlsplit(told.url).hostname}")
    entry.add("sequence", event.sequence)
    entry.add("dtstamp", told.now.astimezone(UTC))
    entry.add("dtstart", formats.local(event.start_time))
    entry.add("dtend", formats.local(event.end_time))
    entry.add("summary", event.title)
    entry.add("description", described(told.language, event, address))
    entry.add("location", ", ".join(filter(None, (event.venue.name, event.venue.address))))
    entry.add("url", address)
    entry.add("status", "CANCELLED" if event.state == JOINT_EVENT_STATE_CANCELLED else "CONFIRMED")
    entry.add("transp", "OPAQUE")
    for organiser in event.organisers:
        entry.add("contact", vText(organiser.name))
    return entry


def described(language: Language, event: JointEvent, address: str) -> str:
    """What it is, who organises it (ORGANIZER names one only, they are several), where to read more."""
    by = "\n".join(f"{o.name} ({language.say(word('organiser_role', o.role))})" for o in event.organisers)
    return "\n\n".join(filter(None, (event.summary, by, event.venue.directions, address)))


async def _groupement(visit: Visit) -> str:
    return (await visit.showcase.groupement()).name or visit.language.say("notre groupement")
