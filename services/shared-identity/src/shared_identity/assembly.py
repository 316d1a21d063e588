"""The service put together: which slice answers what, what it hears, what it does later, what its doors are."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from groupement.shared_identity.v1.agreement_service_pb2_grpc import add_AgreementServiceServicer_to_server
from groupement.shared_identity.v1.directory_service_pb2_grpc import add_DirectoryServiceServicer_to_server
from groupement.shared_identity.v1.door_service_pb2_grpc import add_DoorServiceServicer_to_server
from groupement.shared_identity.v1.figure_service_pb2_grpc import add_FigureServiceServicer_to_server
from groupement.shared_identity.v1.joint_event_service_pb2_grpc import add_JointEventServiceServicer_to_server
from groupement.shared_identity.v1.membership_service_pb2_grpc import add_MembershipServiceServicer_to_server
from groupement.shared_identity.v1.outcome_service_pb2_grpc import add_OutcomeServiceServicer_to_server
from groupement.shared_identity.v1.person_service_pb2_grpc import add_PersonServiceServicer_to_server
from groupement.shared_identity.v1.post_service_pb2_grpc import add_PostServiceServicer_to_server
from groupement.shared_identity.v1.registration_service_pb2_grpc import add_RegistrationServiceServicer_to_server
from groupement.shared_identity.v1.sign_in_service_pb2_grpc import add_SignInServiceServicer_to_server
from groupement.shared_identity.v1.structure_service_pb2_grpc import add_StructureServiceServicer_to_server
from servicekit.bus.subscriptions import Subscription
from servicekit.clock import Clock
from servicekit.forgetting import FORGET
from servicekit.process import Instance, Job
from servicekit.rpc.access import trusting_the_token
from servicekit.rpc.commands import Commands
from servicekit.rpc.server import AddServicer
from servicekit.sql import Database
from servicekit.sql.sweeper import Handler

from shared_identity import forgetting, keys
from shared_identity.agreements import subscribers as agreements_heard
from shared_identity.agreements.rpc import AgreementRpc
from shared_identity.agreements.usecases import is_known_at
from shared_identity.attendance.rpc import DoorRpc
from shared_identity.attendance.usecases import present_at
from shared_identity.codes import Codes
from shared_identity.config import Settings
from shared_identity.directory import subscribers as directory_heard
from shared_identity.directory.following import Following
from shared_identity.directory.listing import Listing
from shared_identity.directory.rpc import DirectoryRpc
from shared_identity.directory.wire import rendered
from shared_identity.figures.rpc import FigureRpc
from shared_identity.joint_events.editing import Bonds
from shared_identity.joint_events.rpc import JointEventRpc
from shared_identity.keys import Keys
from shared_identity.listeners import address_of, bound, serving
from shared_identity.mail.postman import Postman
from shared_identity.mail.wire import Writer
from shared_identity.memberships import subscribers as memberships_heard
from shared_identity.memberships.rpc import MembershipRpc
from shared_identity.oidc.clients import read_clients
from shared_identity.oidc.web import Provider
from shared_identity.outcomes.rpc import OutcomeRpc
from shared_identity.outcomes.usecases import has_contributions
from shared_identity.passwords import Passwords
from shared_identity.people.rpc import PersonRpc
from shared_identity.posts.rpc import PostRpc
from shared_identity.registrations import subscribers as registrations_heard
from shared_identity.registrations.domain import Terms
from shared_identity.registrations.office import Office
from shared_identity.registrations.rpc import RegistrationRpc
from shared_identity.registrations.usecases import has_registrants
from shared_identity.sign_in.rpc import SignInRpc
from shared_identity.structures.rpc import StructureRpc


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What several slices share."""

    db: Database
    keys: Keys
    codes: Codes
    passwords: Passwords
    clock: Clock
    listing: Listing = field(default_factory=lambda: Listing(rendered))
    terms: Terms = field(default_factory=Terms)

    @cached_property
    def office(self) -> Office:
        """Who hands out seats."""
        return Office(codes=self.codes, terms=self.terms)


def services(tools: Tools, *, issuer: str) -> Sequence[tuple[AddServicer, object]]:
    """All that shared-identity answers over gRPC."""
    db, clock = tools.db, tools.clock
    person = PersonRpc(
        db=db,
        commands=Commands(db, clock=clock),
        keys=tools.keys,
        codes=tools.codes,
        passwords=tools.passwords,
        known_at=is_known_at,
        clock=clock,
    )
    sign_in = SignInRpc(
        db=db, codes=tools.codes, passwords=tools.passwords, resume_url=f"{issuer}/authorize/resume", clock=clock
    )
    joint_events = JointEventRpc(db, bonds=_bonds(), clock=clock, tell_after=tools.terms.tell_after)
    return [
        (add_StructureServiceServicer_to_server, StructureRpc(db)),
        (add_PersonServiceServicer_to_server, person),
        (add_PostServiceServicer_to_server, PostRpc(db)),
        (add_MembershipServiceServicer_to_server, MembershipRpc(db, clock=clock)),
        (add_AgreementServiceServicer_to_server, AgreementRpc(db, clock=clock)),
        (add_DirectoryServiceServicer_to_server, DirectoryRpc(db, tools.listing, clock=clock)),
        (add_SignInServiceServicer_to_server, sign_in),
        (add_JointEventServiceServicer_to_server, joint_events),
        (
            add_RegistrationServiceServicer_to_server,
            RegistrationRpc(db, tools.office, clock=clock, present_at=present_at),
        ),
        (
            add_DoorServiceServicer_to_server,
            DoorRpc(db, key=tools.keys.door_key, office=tools.office, clock=clock),
        ),
        (add_OutcomeServiceServicer_to_server, OutcomeRpc(db, office=tools.office, clock=clock)),
        (add_FigureServiceServicer_to_server, FigureRpc(db, clock=clock)),
    ]


def _bonds() -> Bonds:
    """What hangs on the parts of joint events: contributions to a challenge, registrants of an organiser."""
    return Bonds(has_contributions=has_contributions, has_registrants=has_registrants)


def subscriptions(clock: Clock, listing: Listing | None = None) -> Sequence[Subscription[Any]]:
    """What is heard: memberships before the agreements and the entries that follow them."""
    return [
        *memberships_heard.subscriptions(),
        *agreements_heard.subscriptions(clock),
        *directory_heard.subscriptions(listing or Listing(rendered), clock),
    ]


def due(clock: Clock, listing: Listing | None = None, office: Office | None = None) -> Mapping[str, Handler]:
    """What is done later; what registrations put off, by the office that hands out seats."""
    return {
        **({} if office is None else registrations_heard.due_handlers(office, clock)),
        **agreements_heard.due_handlers(clock),
        **directory_heard.due_handlers(listing or Listing(rendered), clock),
        FORGET: forgetting.forgetting(clock),
    }


def instance(settings: Settings, db: Database, clock: Clock) -> tuple[Instance, Callable[[], None]]:
    """The instance, its HTTP doors bound, and what lets go of its threads once it has run.

    Raises OSError when an address is taken, SettingRefused when a key or a client is not as it should be.
    """
    held = keys.read(settings.keys_dir)
    tools = Tools(
        db=db,
        keys=held,
        codes=Codes(held.codes),
        passwords=Passwords(),
        clock=clock,
        terms=_terms(settings),
    )
    writer = Writer(portal_url=settings.portal_url, sender=settings.mail_from, codes=tools.codes)
    made = Instance(
        settings=settings.instance,
        db=db,
        services=services(tools, issuer=settings.instance.issuer),
        staff=trusting_the_token,
        subscriptions=subscriptions(clock, tools.listing),
        due=due(clock, tools.listing, tools.office),
        beside=[_doors(settings, tools), Postman(db, writer, settings.relay, clock=clock).run, tools.listing.run],
        beside_bus=[Following(db, tools.listing).run],
        clock=clock,
    )
    return made, tools.passwords.close


def _terms(settings: Settings) -> Terms:
    return Terms(
        hold=timedelta(seconds=settings.hold_seconds),
        offer=timedelta(seconds=settings.offer_seconds),
        most_holds=settings.most_holds,
        tell_after=timedelta(seconds=settings.change_seconds),
    )


def _doors(settings: Settings, tools: Tools) -> Job:
    """The job that serves HTTP; its sockets listen from now on, so that nobody who comes early is turned away."""
    clients = read_clients(settings.clients_file)
    browsers, certified = bound(settings.http_listen), bound(settings.mtls_listen)
    provider = Provider(
        db=tools.db,
        keys=tools.keys,
        clients=clients,
        issuer=settings.instance.issuer,
        mtls=settings.oidc_mtls_url or f"https://{address_of(certified)}",
        portal_url=settings.portal_url,
        clock=tools.clock,
    )

    async def serve() -> None:
        async with AsyncExitStack() as doors:
            await doors.enter_async_context(serving(provider.for_browsers(), browsers))
            await doors.enter_async_context(serving(provider.for_clients(), certified, settings.instance.tls))
            await asyncio.Event().wait()

    return serve
