"""Events as calendars (RFC 5545) and search engines (schema.org) read them."""

import json
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp
from groupement.shared_identity.v1.joint_event_pb2 import (
    JOINT_EVENT_STATE_CANCELLED,
    JOINT_EVENT_STATE_PUBLISHED,
    ORGANISER_ROLE_LEAD,
    ORGANISER_ROLE_PARTNER,
    JointEvent,
    Organiser,
    Venue,
)
from portal.i18n import language
from portal.pages.events.calendar import Told, calendar
from portal.pages.events.seats import Seats, Stage
from portal.pages.events.structured import structured

STARTS = datetime(2026, 7, 1, 16, 0, tzinfo=UTC)
TOLD = Told(url="https://portail.example", now=datetime(2026, 6, 1, tzinfo=UTC), language=language("fr"))


def at(hours: int) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(STARTS + timedelta(hours=hours))
    return stamp


def evening(state: int = JOINT_EVENT_STATE_PUBLISHED, sequence: int = 0) -> JointEvent:
    return JointEvent(
        event_id="event_1",
        slug="soir",
        title="Le soir",
        summary="On en parle, à plusieurs ; venez.",
        state=state,  # type: ignore[arg-type]
        sequence=sequence,
        start_time=at(0),
        end_time=at(3),
        venue=Venue(name="La halle", address="1 rue Inventée"),
        organisers=[
            Organiser(name="Une structure", role=ORGANISER_ROLE_LEAD),
            Organiser(name="Un partenaire", role=ORGANISER_ROLE_PARTNER, website="https://partenaire.example"),
        ],
    )


def read(*events: JointEvent) -> list[dict[str, str]]:
    """The calendar, then its entries: what each says, by name (RFC 5545 §3.1), lines unfolded."""
    text = calendar(events, name="Événements", told=TOLD).to_ical().decode().replace("\r\n ", "")
    found: list[dict[str, str]] = [{}]
    for line in text.splitlines():
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        found[-1][name] = value
    return found


def test_a_calendar_says_what_it_is() -> None:
    made = read(evening())[0]
    assert (made["METHOD"], made["VERSION"], made["X-WR-CALNAME"]) == ("PUBLISH", "2.0", "Événements")


def test_an_entry_keeps_its_name_and_tells_which_version_is_newer() -> None:
    before, after = (read(evening(sequence=n))[1] for n in (0, 4))
    assert before["UID"] == after["UID"] == "event_1@portail.example"
    assert (before["SEQUENCE"], after["SEQUENCE"]) == ("0", "4")


def test_hours_are_those_of_the_place_and_the_zone_is_told() -> None:
    entry = read(evening())[1]
    assert entry["DTSTART;TZID=Europe/Paris"] == "20260701T180000"
    assert entry["DTEND;TZID=Europe/Paris"] == "20260701T210000"
    assert b"BEGIN:VTIMEZONE" in calendar([evening()], name="x", told=TOLD).to_ical()


def test_all_organisers_are_named_since_a_calendar_knows_one_only() -> None:
    entry = read(evening())[1]
    assert "Une structure" in entry["DESCRIPTION"]
    assert "Un partenaire" in entry["DESCRIPTION"]
    assert not any(name.startswith("ORGANIZER") for name in entry)
    assert entry["LOCATION"] == "La halle\\, 1 rue Inventée"


def test_what_is_called_off_says_so_in_calendars_that_follow() -> None:
    entries = read(evening(), evening(JOINT_EVENT_STATE_CANCELLED))[1:]
    assert [entry["STATUS"] for entry in entries] == ["CONFIRMED", "CANCELLED"]


def test_no_line_is_longer_than_calendars_read() -> None:
    text = calendar([evening()], name="é" * 90, told=TOLD).to_ical()
    assert max(len(line) for line in text.split(b"\r\n")) <= 75


def test_search_engines_read_organisers_and_seats() -> None:
    seats = Seats(stage=Stage.OPEN, free=12, size=150)
    said = json.loads(structured(evening(), seats, address="https://portail.example/evenements/soir"))
    assert [organiser["name"] for organiser in said["organizer"]] == ["Une structure", "Un partenaire"]
    assert (said["remainingAttendeeCapacity"], said["maximumAttendeeCapacity"]) == (12, 150)
    assert said["startDate"] == "2026-07-01T18:00:00+02:00"


def test_seats_are_not_told_when_nobody_knows_them() -> None:
    said = json.loads(structured(evening(), Seats(stage=Stage.UNKNOWN), address="x"))
    assert "remainingAttendeeCapacity" not in said


def test_no_title_gets_out_of_the_block_it_stands_in() -> None:
    event = evening()
    event.title = "</script><script>alert(1)</script>"
    text = structured(event, Seats(stage=Stage.OPEN), address="x")
    assert "<" not in text
    assert json.loads(text)["name"] == event.title
