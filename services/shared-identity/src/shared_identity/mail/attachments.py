"""What a letter carries besides words: the entry for a calendar, the QR code for the door."""

from collections.abc import Mapping
from datetime import datetime
from io import BytesIO

import segno
from icalendar import Calendar, Event

from shared_identity.days import PARIS

_PRODUCT = "-//Groupement//Mail//FR"
_QR_SCALE = 6


def qr(code: str) -> bytes:
    """The code as a QR code, a PNG; medium error correction, readable from a creased sheet of paper."""
    image = BytesIO()
    segno.make(code, error="m", micro=False).save(image, kind="png", scale=_QR_SCALE, border=4)
    return image.getvalue()


def calendar(parameters: Mapping[str, str], *, url: str, domain: str, made_at: datetime) -> tuple[str, bytes]:
    """The method and the text of an entry for a calendar (RFC 5545, RFC 5546): the same UID for one registration.

    Nobody is asked to answer it: it is published, or cancelled.
    """
    method = parameters.get("calendar", "PUBLISH")
    entry = Event()
    entry.add("uid", f"{parameters['uid']}@{domain}")
    entry.add("dtstamp", made_at)
    entry.add("dtstart", datetime.fromisoformat(parameters["start"]).astimezone(PARIS))
    entry.add("dtend", datetime.fromisoformat(parameters["end"]).astimezone(PARIS))
    entry.add("summary", parameters.get("event", ""))
    entry.add("location", parameters.get("place", ""))
    entry.add("url", url)
    entry.add("sequence", int(parameters.get("sequence", "0")))
    entry.add("status", "CANCELLED" if method == "CANCEL" else "CONFIRMED")
    made = Calendar()
    made.add("prodid", _PRODUCT)
    made.add("version", "2.0")
    made.add("method", method)
    made.add_component(entry)
    made.add_missing_timezones()
    return method, made.to_ical()
