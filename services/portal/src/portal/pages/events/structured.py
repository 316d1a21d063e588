"""An event as search engines and calendars of the web read it: schema.org/Event, as JSON-LD."""

import json
from datetime import UTC

from google.protobuf.timestamp_pb2 import Timestamp
from groupement.shared_identity.v1.joint_event_pb2 import JOINT_EVENT_STATE_CANCELLED, JointEvent, Organiser
from markupsafe import Markup

from portal import formats
from portal.pages.events.seats import Seats, Stage

_TELLING = frozenset({Stage.OPEN, Stage.FULL})


def structured(event: JointEvent, seats: Seats, *, address: str) -> Markup:
    """The event as the text of a data block; several organisers stand in a list (schema.org/organizer)."""
    cancelled = event.state == JOINT_EVENT_STATE_CANCELLED
    said: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": event.title,
        "description": event.summary,
        "url": address,
        "startDate": _instant(event.start_time),
        "endDate": _instant(event.end_time),
        "eventStatus": f"https://schema.org/{'EventCancelled' if cancelled else 'EventScheduled'}",
        "eventAttendanceMode": "https://schema.org/OfflineEventAttendanceMode",
        "location": {"@type": "Place", "name": event.venue.name, "address": event.venue.address},
        "organizer": [_organiser(organiser) for organiser in event.organisers],
        "isAccessibleForFree": True,
    }
    if seats.stage in _TELLING:
        said |= {"maximumAttendeeCapacity": seats.size, "remainingAttendeeCapacity": seats.free}
    text = json.dumps(said, ensure_ascii=False)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def _organiser(organiser: Organiser) -> dict[str, str]:
    website = {"url": organiser.website} if organiser.website else {}
    return {"@type": "Organization", "name": organiser.name, **website}


def _instant(at: Timestamp) -> str:
    return formats.local(at.ToDatetime(UTC)).isoformat()
