"""The prowler is worth something only if it notices: a build without one of its guards is found out, every time."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cast import NORTH, SHARED_IDENTITY, STRUCTURES
from greeting import ISSUER
from groupement.shared_identity.v1 import joint_event_service_pb2 as event_pb
from groupement.shared_identity.v1 import membership_service_pb2 as pb
from groupement.shared_identity.v1 import registration_service_pb2 as registration_pb
from groupement.shared_identity.v1.directory_service_pb2_grpc import add_DirectoryServiceServicer_to_server
from groupement.shared_identity.v1.joint_event_service_pb2_grpc import add_JointEventServiceServicer_to_server
from groupement.shared_identity.v1.membership_service_pb2_grpc import add_MembershipServiceServicer_to_server
from groupement.shared_identity.v1.person_service_pb2_grpc import add_PersonServiceServicer_to_server
from groupement.shared_identity.v1.registration_service_pb2_grpc import add_RegistrationServiceServicer_to_server
from prowl import Prowl, prowling
from servicekit.caller import current_caller
from servicekit.origin import Origin
from servicekit.rpc.access import trusting_the_token
from servicekit.sql import Work
from servicekit.tokens import Token, TokenVerifier
from shared_identity.directory.domain import Viewer, at
from shared_identity.directory.rpc import DirectoryRpc
from shared_identity.joint_events import storage as event_storage
from shared_identity.joint_events import usecases as joint_events
from shared_identity.joint_events import wire as event_wire
from shared_identity.joint_events.parts import Access
from shared_identity.joint_events.rpc import JointEventRpc
from shared_identity.memberships import usecases as memberships
from shared_identity.memberships import wire
from shared_identity.memberships.rpc import MembershipRpc
from shared_identity.people.rpc import PersonRpc
from shared_identity.registrations import listing
from shared_identity.registrations import wire as registration_wire
from shared_identity.registrations.domain import LISTED
from shared_identity.registrations.rpc import RegistrationRpc
from sovereign import INSTANCES, Parts, clock
from trespass import Trespassed

OWN = [instance for instance in INSTANCES if instance != SHARED_IDENTITY]
"""The structures' own instances."""


def test_the_right_build_served_again_tells_nothing(tmp_path: Path) -> None:
    with prowling(tmp_path) as prowl:
        prowl.around_a_build_of(*INSTANCES, times=3)


def test_taking_a_token_for_another_structure_is_noticed(tmp_path: Path) -> None:
    with prowling(tmp_path) as prowl, pytest.raises(Trespassed, match=r"(?s)asked (incubator|coworking)@.* holds "):
        prowl.around_a_build_of(*OWN, options=lambda instance: {"verifier": _AnyAudience(prowl, instance)})


def test_believing_a_role_that_no_record_confirms_is_noticed(tmp_path: Path) -> None:
    with prowling(tmp_path) as prowl, pytest.raises(Trespassed, match="claims every role"):
        prowl.around_a_build_of(*OWN, options=lambda _: {"staff": trusting_the_token})


def test_listing_memberships_without_the_filter_is_noticed(tmp_path: Path) -> None:
    def spoil(parts: Parts) -> Parts:
        return _with(parts, MembershipRpc, add_MembershipServiceServicer_to_server, _everybodys_memberships(parts))

    with prowling(tmp_path) as prowl, pytest.raises(Trespassed, match="ListMemberships"):
        prowl.around_a_build_of(SHARED_IDENTITY, spoil=spoil)


def test_telling_names_without_asking_who_is_known_is_noticed(tmp_path: Path) -> None:
    def spoil(parts: Parts) -> Parts:
        spoiled = replace(_servicer(parts, PersonRpc), known_at=_everybody_is_known)
        return _with(parts, PersonRpc, add_PersonServiceServicer_to_server, spoiled)

    with prowling(tmp_path) as prowl, pytest.raises(Trespassed, match="LookUpNames"):
        prowl.around_a_build_of(SHARED_IDENTITY, spoil=spoil)


def test_showing_everybody_what_one_structure_sees_of_the_directory_is_noticed(tmp_path: Path) -> None:
    def spoil(parts: Parts) -> Parts:
        return _with(parts, DirectoryRpc, add_DirectoryServiceServicer_to_server, _northern_eyes(parts))

    with prowling(tmp_path) as prowl, pytest.raises(Trespassed, match="DirectoryService"):
        prowl.around_a_build_of(SHARED_IDENTITY, spoil=spoil)


def test_showing_a_draft_as_if_it_were_published_is_noticed(tmp_path: Path) -> None:
    _open_evenings(tmp_path, _EarlyPages, "JointEventService.GetPublishedEvent")


def test_showing_the_public_who_is_not_shown_is_noticed(tmp_path: Path) -> None:
    _open_evenings(tmp_path, _BarePages, "JointEventService.GetPublishedEvent")


def test_telling_who_acts_for_whom_to_other_organisers_is_noticed(tmp_path: Path) -> None:
    _open_evenings(tmp_path, _EverybodysDelegates, "JointEventService.ListDelegates")


def test_listing_registrants_without_asking_whose_own_they_are_is_noticed(tmp_path: Path) -> None:
    def spoil(parts: Parts) -> Parts:
        right = _servicer(parts, RegistrationRpc)
        spoiled = _EverybodysRegistrants(right._db, right._office, clock=clock, present_at=right._present_at)
        return _with(parts, RegistrationRpc, add_RegistrationServiceServicer_to_server, spoiled)

    with prowling(tmp_path) as prowl, pytest.raises(Trespassed, match="ListRegistrations"):
        prowl.around_a_build_of(SHARED_IDENTITY, spoil=spoil)


def _open_evenings(home: Path, made: type[JointEventRpc], found_by: str) -> None:
    """Goes around a build whose joint events are answered by this servicer; it must be found out there."""

    def spoil(parts: Parts) -> Parts:
        right = _servicer(parts, JointEventRpc)
        spoiled = made(right._db, bonds=right._bonds, clock=clock)
        return _with(parts, JointEventRpc, add_JointEventServiceServicer_to_server, spoiled)

    with prowling(home) as prowl, pytest.raises(Trespassed, match=found_by):
        prowl.around_a_build_of(SHARED_IDENTITY, spoil=spoil)


class _EarlyPages(JointEventRpc):
    """Gives a page for all to see of whatever event."""

    async def GetPublishedEvent(
        self, request: event_pb.GetPublishedEventRequest, _context: object
    ) -> event_pb.GetPublishedEventResponse:
        async with self._db.reading() as work:
            found = await joint_events.event(work, request.slug)
        return event_pb.GetPublishedEventResponse(event=event_wire.public_message(found.as_public()))


class _BarePages(JointEventRpc):
    """Gives the public a published event as its organisers read it."""

    async def GetPublishedEvent(
        self, request: event_pb.GetPublishedEventRequest, _context: object
    ) -> event_pb.GetPublishedEventResponse:
        async with self._db.reading() as work:
            shown = await joint_events.public(work, request.slug)
            found = await joint_events.event(work, shown.event_id)
        return event_pb.GetPublishedEventResponse(event=event_wire.public_message(found))


class _EverybodysDelegates(JointEventRpc):
    """Lists delegates, whomever they act for, to whoever asks."""

    async def ListDelegates(
        self, request: event_pb.ListDelegatesRequest, _context: object
    ) -> event_pb.ListDelegatesResponse:
        async with self._db.reading() as work:
            found = await event_storage.delegates(work, request.event_id, organiser_id="", after="", limit=50)
        return event_pb.ListDelegatesResponse(delegates=map(event_wire.delegate_message, found))


class _EverybodysRegistrants(RegistrationRpc):
    """Lists all registrants of an event to any of its organisers."""

    async def ListRegistrations(
        self, request: registration_pb.ListRegistrationsRequest, _context: object
    ) -> registration_pb.ListRegistrationsResponse:
        async with self._db.reading() as work:
            needed = Access.OWN_REGISTRANTS
            event, _ = await joint_events.standing(work, current_caller(), request.event_id, at_least=needed)
            found = await listing.of_event(work, event.event_id, LISTED, most=200)
        shown = [registration_wire.registration_message(held, present=False) for held in found]
        return registration_pb.ListRegistrationsResponse(registrations=shown)


class _AnyAudience(TokenVerifier):
    """Takes a token for whatever structure, as if it were for this one."""

    def __init__(self, prowl: Prowl, instance: str) -> None:
        super().__init__(prowl.trespass.world.house.jwks, issuer=ISSUER, audience=None)
        self._structure = Origin.parse(instance).structure

    def verify(self, token: str, now: datetime) -> Token:
        return replace(super().verify(token, now), structure=self._structure)


class _EverybodysMemberships(MembershipRpc):
    """Lists memberships, whosever they are."""

    async def ListMemberships(
        self, _request: pb.ListMembershipsRequest, _context: object
    ) -> pb.ListMembershipsResponse:
        found: list[Any] = []
        async with self._db.reading() as work:
            for slug in STRUCTURES:
                found += await memberships.of_structure(work, slug, in_force_on=None, after=None, limit=50)
        return pb.ListMembershipsResponse(memberships=[wire.to_message(held, clock().date()) for held in found])


def _everybodys_memberships(parts: Parts) -> MembershipRpc:
    return _EverybodysMemberships(_servicer(parts, MembershipRpc)._db, clock=clock)


class _NorthernEyes(DirectoryRpc):
    """Shows everybody what the north sees."""

    async def _viewer(self) -> Viewer:
        return at(NORTH)


def _northern_eyes(parts: Parts) -> DirectoryRpc:
    right = _servicer(parts, DirectoryRpc)
    return _NorthernEyes(right._db, right._listing, clock=clock)


async def _everybody_is_known(_work: Work, person_ids: Sequence[str], _structure: str, _today: object) -> set[str]:
    return set(person_ids)


def _servicer(parts: Parts, kind: type) -> Any:
    return next(servicer for _, servicer in parts.services if isinstance(servicer, kind))


def _with(parts: Parts, kind: type, add: Any, spoiled: object) -> Parts:
    """The same parts with one servicer of another make."""
    kept = [(adding, servicer) for adding, servicer in parts.services if not isinstance(servicer, kind)]
    return replace(parts, services=[*kept, (add, spoiled)])
