"""Doors and outcomes that ask for no standing are found out: the prowler reads what they tell."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cast import SHARED_IDENTITY
from groupement.shared_identity.v1 import door_service_pb2 as door_pb
from groupement.shared_identity.v1 import outcome_service_pb2 as outcome_pb
from groupement.shared_identity.v1.door_service_pb2_grpc import add_DoorServiceServicer_to_server
from groupement.shared_identity.v1.outcome_service_pb2_grpc import add_OutcomeServiceServicer_to_server
from prowl import Prowl, prowling
from shared_identity.attendance import usecases as attendance
from shared_identity.attendance import wire as door_wire
from shared_identity.attendance.rpc import DoorRpc
from shared_identity.joint_events import usecases as joint_events
from shared_identity.outcomes import storage as outcome_storage
from shared_identity.outcomes import wire as outcome_wire
from shared_identity.outcomes.rpc import OutcomeRpc
from sovereign import Parts, clock
from trespass import Trespassed

_OF_EVENTS = ("DoorService", "OutcomeService", "FigureService")


class _OpenDoor(DoorRpc):
    """Gives its list to whoever asks."""

    async def GetDoorList(self, request: door_pb.GetDoorListRequest, _context: object) -> door_pb.GetDoorListResponse:
        async with self._db.reading() as work:
            held = await attendance.at_door(work, await joint_events.event(work, request.event_id))
        device_id = door_wire.device(request)
        signed = door_wire.signed_list(held.event, held.seats, held.present, device_id, key=self._key, now=clock())
        return door_pb.GetDoorListResponse(list=signed)


class _OpenBook(OutcomeRpc):
    """Lists what came out of an event for whoever asks."""

    async def ListContributions(
        self, request: outcome_pb.ListContributionsRequest, _context: object
    ) -> outcome_pb.ListContributionsResponse:
        async with self._db.reading() as work:
            event = await joint_events.event(work, request.event_id)
            found = await outcome_storage.page(work, event.event_id, challenge_id="", kind=None, after=None, limit=50)
        return outcome_pb.ListContributionsResponse(contributions=[outcome_wire.to_message(held) for held in found])


def _open_door(parts: Parts) -> Parts:
    right = next(servicer for _, servicer in parts.services if isinstance(servicer, DoorRpc))
    spoiled = _OpenDoor(right._db, key=right._key, office=right._office, clock=clock)
    return _with(parts, right, add_DoorServiceServicer_to_server, spoiled)


def _open_book(parts: Parts) -> Parts:
    right = next(servicer for _, servicer in parts.services if isinstance(servicer, OutcomeRpc))
    spoiled = _OpenBook(right._db, office=right._office, clock=clock)
    return _with(parts, right, add_OutcomeServiceServicer_to_server, spoiled)


def _with(parts: Parts, right: object, add: Any, spoiled: object) -> Parts:
    kept = [(adding, servicer) for adding, servicer in parts.services if servicer is not right]
    return replace(parts, services=[*kept, (add, spoiled)])


def _go_around(prowl: Prowl, spoil: Callable[[Parts], Parts], *, times: int) -> None:
    """Raises Trespassed when something was found."""
    prowl.trespass.served = {
        name: where for name, where in prowl.trespass.served.items() if name.rpartition(".")[2] in _OF_EVENTS
    }
    prowl.around_a_build_of(SHARED_IDENTITY, spoil=spoil, times=times)


@pytest.mark.parametrize(
    ("spoil", "found_by"),
    [(_open_door, "DoorService.GetDoorList"), (_open_book, "OutcomeService.ListContributions")],
)
def test_what_is_told_without_asking_for_standing_is_noticed(
    tmp_path: Path, spoil: Callable[[Parts], Parts], found_by: str
) -> None:
    with prowling(tmp_path, bus=False) as prowl, pytest.raises(Trespassed, match=found_by):
        _go_around(prowl, spoil, times=40)


def test_the_right_build_tells_nothing(tmp_path: Path) -> None:
    with prowling(tmp_path, bus=False) as prowl:
        _go_around(prowl, lambda parts: parts, times=6)
