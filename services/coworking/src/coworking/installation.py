"""The file that `load` reads: what a coworking begins with, its days counted from today ("today+2")."""

import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, ValidationInfo
from servicekit.refusals import Invalid

from coworking.spans import minutes_after_midnight

_RELATIVE = re.compile(r"today(?:([+-])([0-9]{1,4}))?")


class InstallationRefused(Invalid):
    """The file cannot be loaded; the message is one line that says where and why."""


def _day(written: object, info: ValidationInfo) -> object:
    """A day counted from today; what is no such thing is left to the next check."""
    match = _RELATIVE.fullmatch(written) if isinstance(written, str) else None
    if match is None or not isinstance(info.context, Mapping):
        return written
    sign, days = match.groups()
    today: date = info.context["today"]
    return today + timedelta(days=int(f"{sign}{days}") if days else 0)


def _time(written: object) -> object:
    return minutes_after_midnight(written) if isinstance(written, str) else written


Day = Annotated[date, BeforeValidator(_day)]
TimeOfDay = Annotated[int, BeforeValidator(_time)]
Accessible = Literal["YES", "NO", "UNKNOWN"]
Kind = Literal["NOMAD_SEAT", "DESK", "MEETING_ROOM", "CONFIDENTIALITY_BOX", "EVENT_SPACE", "KITCHEN"]
Membership = Literal["COWORKER", "STAFF", "VOLUNTEER"]
PersonId = Annotated[str, Field(pattern="^person_[0-9a-f]{32}$")]
PlaceId = Annotated[str, Field(pattern="^place_[0-9a-f]{32}$")]
ResourceId = Annotated[str, Field(pattern="^resource_[0-9a-f]{32}$")]
BookingId = Annotated[str, Field(pattern="^booking_[0-9a-f]{32}$")]
MembershipId = Annotated[str, Field(pattern="^membership_[0-9a-f]{32}$")]


class Entry(BaseModel):
    """One table of the file; a key it does not know is a mistake."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class StaffEntry(Entry):
    """A person and the role they hold."""

    person_id: PersonId
    role: str


class MembershipEntry(Entry):
    """A membership to declare."""

    membership_id: MembershipId
    person_id: PersonId
    kind: Membership
    first_day: Day
    last_day: Day | None = None


class HoursEntry(Entry):
    """The same opening hours on several days of the week (1 for Monday)."""

    weekdays: list[int]
    opens: TimeOfDay
    closes: TimeOfDay


class AccessibilityEntry(Entry):
    """What somebody must know before they come."""

    wheelchair: Accessible = "UNKNOWN"
    accessible_toilet: Accessible = "UNKNOWN"
    hearing_loop: Accessible = "UNKNOWN"
    quiet: Accessible = "UNKNOWN"
    note: str = ""


class PlaceEntry(Entry):
    """A place."""

    place_id: PlaceId
    name: str
    address: str
    time_zone: str = "Europe/Paris"
    opening_hours: list[HoursEntry]
    accessibility: AccessibilityEntry = AccessibilityEntry()


class ResourceEntry(Entry):
    """A space of a place."""

    resource_id: ResourceId
    place_id: PlaceId
    name: str
    kind: Kind
    units: int = 1
    capacity: int = 1
    half_day_cents: int = 0
    accessibility: AccessibilityEntry = AccessibilityEntry()


class BookingEntry(Entry):
    """A booking, on the first day from `day` on at which the place is open and the space free."""

    booking_id: BookingId
    resource_id: ResourceId
    person_id: PersonId
    day: Day
    start: TimeOfDay
    end: TimeOfDay


class Installation(Entry):
    """All that a file holds."""

    staff: list[StaffEntry] = []
    memberships: list[MembershipEntry] = []
    places: list[PlaceEntry] = []
    resources: list[ResourceEntry] = []
    bookings: list[BookingEntry] = []


def read_installation(path: Path, *, today: date) -> Installation:
    """The content of a file, its days counted from `today`; raises InstallationRefused."""
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
        return Installation.model_validate(written, context={"today": today})
    except OSError as error:
        raise InstallationRefused(f"{path}: {error.strerror}") from error
    except ValidationError as error:
        raise InstallationRefused(f"{path}: {_first_fault(error)}") from error
    except ValueError as error:
        raise InstallationRefused(f"{path}: not TOML: {error}") from error


def _first_fault(error: ValidationError) -> str:
    fault = error.errors(include_url=False, include_input=False)[0]
    return f"{'.'.join(str(step) for step in fault['loc'])}: {fault['msg']}"
