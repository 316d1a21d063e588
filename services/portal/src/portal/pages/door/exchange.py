"""What the door's script and the portal tell each other, as JSON; refusals are told as JSON too."""

import json
from collections.abc import Awaitable, Callable
from http import HTTPStatus

from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
from google.protobuf.message import Message
from groupement.shared_identity.v1.door_service_pb2 import (
    GetDoorCountsRequest,
    GetDoorEntryRequest,
    GetDoorListRequest,
    RecordScansRequest,
)
from servicekit.refusals import Invalid, Refusal
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response

from portal.csrf import check, origin_of
from portal.pages.door.hall import hall_of
from portal.refusals import status_of
from portal.visit import Visit

LARGEST = 400 * 1024
"""Bytes: 500 scans, walk-ins among them, take half of it."""


class ScansMalformed(Invalid):
    """What the device sent is not a list of scans."""


async def door_list(visit: Visit) -> Response:
    """`GET /porte/{event}/liste?pour=&appareil=`: the signed list, as text."""

    async def tell() -> Response:
        hall = await hall_of(visit)
        wish = GetDoorListRequest(event_id=hall.event.event_id, device_id=visit.query("appareil"))
        return PlainTextResponse((await hall.ask(hall.identity.doors.GetDoorList, wish)).list)

    return await _told(visit, tell)


async def scans(visit: Visit) -> Response:
    """`POST /porte/{event}/passages?pour=`: `{"scans": [...]}` as the contract writes them; the answer to each."""

    async def tell() -> Response:
        check(visit.request, origin_of(visit.portal.settings.url))
        brought = await _scans(visit)
        hall = await hall_of(visit)
        brought.event_id = hall.event.event_id
        return _json(await hall.ask(hall.identity.doors.RecordScans, brought))

    return await _told(visit, tell)


async def counts(visit: Visit) -> Response:
    """`GET /porte/{event}/comptes?pour=`"""

    async def tell() -> Response:
        hall = await hall_of(visit)
        wish = GetDoorCountsRequest(event_id=hall.event.event_id)
        return _json(await hall.ask(hall.identity.doors.GetDoorCounts, wish))

    return await _told(visit, tell)


async def needs(visit: Visit) -> Response:
    """`GET /porte/{event}/besoins/{registration}?pour=`: whether somebody asked for something at the welcome desk."""

    async def tell() -> Response:
        hall = await hall_of(visit)
        wish = GetDoorEntryRequest(event_id=hall.event.event_id, registration_id=visit.path("registration"))
        return JSONResponse({"has_needs": (await hall.ask(hall.identity.doors.GetDoorEntry, wish)).entry.has_needs})

    return await _told(visit, tell)


async def keys(visit: Visit) -> Response:
    """`GET /porte/cle`: the public keys that sign door lists (RFC 7517)."""

    async def tell() -> Response:
        return JSONResponse({"keys": await visit.portal.provider.door_keys()})

    return await _told(visit, tell)


async def _scans(visit: Visit) -> RecordScansRequest:
    """The scans that were sent; raises 413 for too much, ScansMalformed for what is none."""
    length = visit.request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > LARGEST:
        raise HTTPException(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    try:
        sent = json.loads(await visit.request.body())
        return ParseDict({"scans": sent["scans"]}, RecordScansRequest())
    except (ValueError, TypeError, KeyError, RecursionError, ParseError) as error:
        raise ScansMalformed from error


def _json(message: Message) -> Response:
    return JSONResponse(
        MessageToDict(message, preserving_proto_field_name=True, always_print_fields_with_no_presence=True)
    )


async def _told(visit: Visit, tell: Callable[[], Awaitable[Response]]) -> Response:
    """The answer, or the refusal in a form that a script reads."""
    try:
        return await tell()
    except Refusal as refusal:
        content = {"reason": refusal.reason, "sentence": visit.sentence(refusal)}
        return JSONResponse(content, status_code=status_of(refusal))
