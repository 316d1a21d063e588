"""Doors and messages: scans out of what a device sent, the signed list a device works from, counts."""

import json
import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from groupement.shared_identity.v1 import door_service_pb2 as pb
from groupement.shared_identity.v1.registration_pb2 import RegistrantProfile
from joserfc import jws
from joserfc.jwk import OKPKey
from servicekit.fields import check_text, one_line
from servicekit.identifiers import is_id
from servicekit.refusals import Invalid
from servicekit.timestamps import instant, timestamp

from shared_identity.attendance.domain import (
    MOST_SCANS,
    DeviceMalformed,
    DoorCounts,
    DoorEntry,
    Scan,
    ScanKind,
    ScanMalformed,
    TooManyScans,
    WalkIn,
)
from shared_identity.attendance.folding import Result
from shared_identity.attendance.opening import closes_at, opens_at
from shared_identity.joint_events.domain import JointEvent
from shared_identity.registrations.domain import Profile, address
from shared_identity.registrations.doors import Seat

LIST_TYPE = "door-list"
ALGORITHM = "Ed25519"
"""EdDSA by its full name (RFC 9864), as the groupement's keys are published."""

_HASH = re.compile(r"[0-9a-f]{64}")
_MOST_NAME = 100


def scans(request: pb.RecordScansRequest) -> Sequence[Scan]:
    """The scans brought; raises TooManyScans, or ScanMalformed naming the scan and what is wrong with it."""
    if len(request.scans) > MOST_SCANS:
        raise TooManyScans(field="scans")
    return [_scan(message, f"scans[{place}]") for place, message in enumerate(request.scans)]


def device(request: pb.GetDoorListRequest) -> str:
    """The device that asks; raises DeviceMalformed."""
    if not is_id(request.device_id, "device"):
        raise DeviceMalformed(field="device_id")
    return request.device_id


def signed_list(
    event: JointEvent, seats: Sequence[Seat], present: Collection[str], device_id: str, *, key: OKPKey, now: datetime
) -> str:
    """All that a door needs to work alone, signed (RFC 7515): nobody's structure, nobody's needs, no whole name."""
    content = {
        "event_id": event.event_id,
        "slug": event.slug,
        "title": event.details.title,
        "made_at": now.isoformat(timespec="milliseconds"),
        "device_id": device_id,
        "sessions": [
            {
                "session_id": session.session_id,
                "title": session.title,
                "start_time": session.starts_at.isoformat(),
                "chosen": session.chosen,
            }
            for session in event.sessions
        ],
        "entries": [_listed(seat, seat.registration_id in present) for seat in seats],
    }
    header = {"alg": ALGORITHM, "kid": key.kid, "typ": LIST_TYPE}
    payload = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
    return jws.serialize_compact(header, payload, key, [ALGORITHM])


def result_message(result: Result) -> pb.ScanResult:
    """What became of a scan."""
    return pb.ScanResult(
        scan_id=result.scan_id,
        outcome=pb.ScanOutcome.Value(f"SCAN_OUTCOME_{result.outcome}"),
        registration_id=result.registration_id,
        given_name=result.given_name,
    )


def entry_message(entry: DoorEntry) -> pb.DoorEntry:
    """One person as a door sees them."""
    return pb.DoorEntry(
        registration_id=entry.registration_id,
        display_name=entry.display_name,
        session_ids=entry.session_ids,
        present=entry.present,
        has_needs=entry.has_needs,
        access_needs=entry.access_needs,
        diet=entry.diet,
    )


def counts_message(counts: DoorCounts) -> pb.DoorCounts:
    """What a door counts."""
    return pb.DoorCounts(
        expected=counts.expected,
        present=counts.present,
        walk_ins=counts.walk_ins,
        sessions=[
            pb.SessionPresence(session_id=each.session_id, expected=each.expected, present=each.present)
            for each in counts.sessions
        ],
    )


def counted(event: JointEvent, counts: DoorCounts) -> pb.GetDoorCountsResponse:
    """What a door counts, and when it is open."""
    return pb.GetDoorCountsResponse(
        counts=counts_message(counts),
        open_time=timestamp(opens_at(event)),
        close_time=timestamp(closes_at(event)),
    )


def _listed(seat: Seat, present: bool) -> dict[str, Any]:
    return {
        "hash": seat.ticket_hash,
        "registration_id": seat.registration_id,
        "given_name": seat.given_name,
        "initial": seat.family_name[:1].upper(),
        "session_ids": list(seat.session_ids),
        "present": present,
    }


def _scan(message: pb.Scan, path: str) -> Scan:
    try:
        return _read(message)
    except Invalid as refusal:
        raise ScanMalformed(field=f"{path}.{refusal.field}", scan=message.scan_id[:_MOST_NAME]) from refusal


def _read(message: pb.Scan) -> Scan:
    walk_in = _walk_in(message.walk_in) if message.HasField("walk_in") else None
    scan = Scan(
        scan_id=_id(message, "scan_id", "scan"),
        device_id=_id(message, "device_id", "device"),
        kind=_kind(message.kind),
        session_id=message.session_id,
        ticket_hash=message.ticket_hash,
        registration_id=message.registration_id,
        walk_in=walk_in,
        undone_scan_id=message.undone_scan_id,
        said_at=instant("scan_time", message.scan_time),
    )
    _check_whom(scan)
    return scan


def _check_whom(scan: Scan) -> None:
    """A scan is of somebody, said in one way; who comes without a ticket comes in by the event's own door."""
    _check(not scan.ticket_hash or bool(_HASH.fullmatch(scan.ticket_hash)), "ticket_hash")
    _check(not scan.registration_id or is_id(scan.registration_id, "registration"), "registration_id")
    _check(not scan.undone_scan_id or is_id(scan.undone_scan_id, "scan"), "undone_scan_id")
    _check(not scan.session_id or is_id(scan.session_id, "session"), "session_id")
    ways = (scan.ticket_hash, scan.registration_id, scan.walk_in, scan.undone_scan_id)
    _check(sum(map(bool, ways)) == 1, "ticket_hash")
    _check(scan.walk_in is None or (scan.kind is ScanKind.IN and not scan.session_id), "walk_in")
    _check(not scan.undone_scan_id or scan.kind is ScanKind.UNDO, "undone_scan_id")


def _walk_in(message: pb.WalkIn) -> WalkIn:
    walk_in = WalkIn(
        given_name=one_line(message.given_name),
        family_name=one_line(message.family_name),
        email=address("walk_in.email", message.email) if message.email.strip() else "",
        profile=_profile(message.profile),
    )
    check_text("walk_in.given_name", walk_in.given_name, most=_MOST_NAME)
    check_text("walk_in.family_name", walk_in.family_name, most=_MOST_NAME, required=False)
    return walk_in


def _profile(number: "RegistrantProfile.ValueType") -> Profile:
    known = RegistrantProfile.DESCRIPTOR.values_by_number.get(number)
    _check(known is not None, "walk_in.profile")
    name = "" if known is None else known.name.removeprefix("REGISTRANT_PROFILE_")
    return Profile.UNSAID if name == "UNSPECIFIED" else Profile(name)


def _kind(number: "pb.ScanKind.ValueType") -> ScanKind:
    known = pb.ScanKind.DESCRIPTOR.values_by_number.get(number)
    name = "" if known is None else known.name.removeprefix("SCAN_KIND_")
    _check(name in set(ScanKind), "kind")
    return ScanKind(name)


def _id(message: pb.Scan, field: str, noun: str) -> str:
    text: str = getattr(message, field)
    _check(is_id(text, noun), field)
    return text


def _check(right: bool, field: str) -> None:
    if not right:
        raise ScanMalformed(field=field)
