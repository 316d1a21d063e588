"""Three sovereign structures and what they share, in one process: real mutual TLS, databases, relays, a broker."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import coworking.tables
import grpc
import incubator.tables
from border import Answer
from broker import Broker
from cast import SHARED_IDENTITY, STRUCTURES, Viewer
from contracts import Rpc
from coworking.__main__ import assemble
from engines import Databases
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2  # type: ignore[import-untyped]
from greeting import House
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc
from identity import quick_passwords
from incubator.__main__ import services as incubator_services
from incubator.calendar import Calendar
from joserfc.jwk import KeySet
from recipes import NOW
from servicekit.bus.connection import connect
from servicekit.bus.relay import Relay
from servicekit.bus.subscriber import Subscriber
from servicekit.bus.subscriptions import Subscription
from servicekit.origin import Origin
from servicekit.rpc import channels
from servicekit.rpc.access import trusting_the_token
from servicekit.rpc.server import Server
from servicekit.rpc.staff_lookup import StaffRoles
from servicekit.rpc.status import DETAILS_KEY
from servicekit.sql import Database
from shared_identity import keys
from shared_identity.assembly import Tools, subscriptions
from shared_identity.assembly import services as identity_services
from shared_identity.codes import Codes
from shared_identity.directory.following import Following
from shared_identity.schema import METADATA as IDENTITY_TABLES

PARIS = ZoneInfo("Europe/Paris")
KINDS = ("incubator", "coworking")
INSTANCES = (SHARED_IDENTITY, *(f"{kind}@{structure}" for structure in STRUCTURES for kind in KINDS))
_TABLES = {"incubator": incubator.tables.METADATA, "coworking": coworking.tables.METADATA}
_LIFE = timedelta(hours=2)
_DEADLINE = 20.0


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What one instance serves and hears; `forget` has it read its staff record again."""

    services: Sequence[tuple[Any, object]]
    staff: Any
    subscriptions: Sequence[Subscription[Any]] = ()
    forget: Callable[[], None] = lambda: None


Spoil = Callable[[Parts], Parts]
"""Makes a deliberately wrong build out of the right one."""


@dataclass(kw_only=True)
class Sovereign:
    """The instances, their databases, and the ways to call them."""

    house: House
    databases: Databases
    broker: Broker | None = None
    tools: Tools = field(init=False)
    dbs: dict[str, Database] = field(default_factory=dict)
    parts: dict[str, Parts] = field(default_factory=dict)
    addresses: dict[str, str] = field(default_factory=dict)
    _channels: dict[tuple[str, str], channels.Channel] = field(default_factory=dict)
    _tokens: dict[str, str] = field(default_factory=dict)
    _stack: AsyncExitStack = field(default_factory=AsyncExitStack)

    async def open(self) -> None:
        """Starts everything."""
        self._make_keys()
        for instance in INSTANCES:
            origin = Origin.parse(instance)
            tables = _TABLES.get(origin.kind, IDENTITY_TABLES)
            self.dbs[instance] = await self.databases.make(tables, origin)
        self.tools = self._make_tools()
        await self._stack.enter_async_context(self._directory())
        for instance in INSTANCES:
            self.parts[instance] = await self.build(instance)
            server = await self._stack.enter_async_context(self._serving(instance, self.parts[instance]))
            self.addresses[instance] = server.address
            if self.broker is not None:
                await self._stack.enter_async_context(self._on_the_bus(instance, self.broker))

    async def close(self) -> None:
        """Ends everything."""
        for channel in self._channels.values():
            await channel.close()
        await self._stack.aclose()
        await self.databases.close()

    async def build(self, instance: str) -> Parts:
        """The parts of an instance, as its own program puts them together."""
        db, kind = self.dbs[instance], Origin.parse(instance).kind
        if kind == "incubator":
            roles = StaffRoles(db)
            served = incubator_services(db, roles, Calendar(clock=clock, zone=PARIS))
            return Parts(services=served, staff=roles, forget=roles.forget)
        if kind == "coworking":
            made = assemble(db, jwks_file=self.house.jwks, zone=PARIS, clock=clock)
            await made.memory.fill()
            return Parts(
                services=made.services,
                staff=made.staff,
                subscriptions=made.subscriptions,
                forget=made.staff.forget,
            )
        served = identity_services(self.tools, issuer="https://identity.example")
        return Parts(services=served, staff=trusting_the_token, subscriptions=subscriptions(clock, self.tools.listing))

    @asynccontextmanager
    async def rebuilt(self, instance: str, spoil: Spoil = lambda parts: parts, **options: Any) -> AsyncIterator[None]:
        """Has an instance answered by another build of it, on the same database, until the block ends."""
        right = self.addresses[instance]
        async with self._serving(instance, spoil(await self.build(instance)), **options) as wrong:
            await self._move(instance, wrong.address)
            try:
                yield
            finally:
                await self._move(instance, right)

    async def served(self) -> Mapping[str, Sequence[str]]:
        """Service -> the instances that say, when asked by reflection, that they serve it."""
        found: dict[str, list[str]] = {}
        for instance in INSTANCES:
            for service in await self._reflected(instance):
                found.setdefault(service, []).append(instance)
        return found

    async def call(self, viewer: Viewer, target: str, rpc: Rpc, request: Message) -> Answer:
        """Calls, and gives all that came back."""
        return await self.call_raw(viewer, target, rpc, request.SerializeToString())

    async def call_raw(self, viewer: Viewer, target: str, rpc: Rpc, request: bytes) -> Answer:
        """Calls with bytes, whatever they are, and gives all that came back."""
        plain = self._channel(viewer.peer, target).plain
        method: Any = plain.unary_unary(rpc.path, response_deserializer=rpc.response.FromString)
        call = method(request, timeout=_DEADLINE, metadata=self._metadata(viewer))
        try:
            message = await call
        except grpc.aio.AioRpcError as error:
            return _refused(error)
        words = [*_words("headers", await call.initial_metadata()), *_words("trailers", await call.trailing_metadata())]
        return Answer(code="OK", message=message, words=words)

    def codes_of(self, code_id: str) -> str:
        """The secret that a letter carries for a code."""
        return self.tools.codes.secret_of(code_id)

    def _metadata(self, viewer: Viewer) -> tuple[tuple[str, str], ...]:
        if not viewer.speaks_to:
            return ()
        if viewer.name not in self._tokens:
            self._tokens[viewer.name] = self.house.token(viewer.person_id, viewer.speaks_to, viewer.roles, life=_LIFE)
        return channels.credentials(self._tokens[viewer.name])

    def _channel(self, peer: str, target: str) -> channels.Channel:
        if (peer, target) not in self._channels:
            tls, origin = self.house.tls(peer), Origin.parse(target)
            self._channels[peer, target] = channels.channel(self.addresses[target], origin, tls)
        return self._channels[peer, target]

    async def _move(self, instance: str, address: str) -> None:
        self.addresses[instance] = address
        for key in [key for key in self._channels if key[1] == instance]:
            await self._channels.pop(key).close()

    def _make_keys(self) -> None:
        """Keys of shared-identity's own; its card keys stand beside the key that signs tokens here."""
        keys.make(self.house.directory / "keys", NOW)
        held = keys.read(self.house.directory / "keys")
        self.house.jwks.write_text(json.dumps(KeySet([self.house.key, *held.cards.values()]).as_dict(private=False)))

    def _make_tools(self) -> Tools:
        held = keys.read(self.house.directory / "keys")
        passwords = quick_passwords()
        self._stack.callback(passwords.close)
        return Tools(db=self.dbs[SHARED_IDENTITY], keys=held, codes=Codes(held.codes), passwords=passwords, clock=clock)

    @asynccontextmanager
    async def _serving(self, instance: str, parts: Parts, **options: Any) -> AsyncIterator[Server]:
        server = self.house.server(instance, parts.services, **{"staff": parts.staff, **options})
        await server.start()
        try:
            yield server
        finally:
            await server.drain(0.2)

    @asynccontextmanager
    async def _directory(self) -> AsyncIterator[None]:
        """What keeps the directory of shared-identity, until the block ends."""
        listing = self.tools.listing
        jobs = [listing.run(), Following(self.dbs[SHARED_IDENTITY], listing).run(None)]
        tasks = [asyncio.create_task(job) for job in jobs]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    @asynccontextmanager
    async def _on_the_bus(self, instance: str, broker: Broker) -> AsyncIterator[None]:
        """What an instance tells and hears, by the real relay and subscriber, until the block ends."""
        bus, db, parts = await connect(broker.instance(instance)), self.dbs[instance], self.parts[instance]
        jobs = [Relay(db, bus).run]
        if parts.subscriptions:
            name = Origin.parse(instance).subject_kind
            jobs.append(Subscriber(db, bus, name, parts.subscriptions, clock=clock).run)
        tasks = [asyncio.create_task(job()) for job in jobs]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await bus.close()

    async def _reflected(self, instance: str) -> Sequence[str]:
        stub = reflection_pb2_grpc.ServerReflectionStub(self._channel("operator@groupement", instance).plain)
        asked = reflection_pb2.ServerReflectionRequest(list_services="")
        async for answer in stub.ServerReflectionInfo(iter([asked]), wait_for_ready=True):
            names = [service.name for service in answer.list_services_response.service]
            return [name for name in names if name.startswith("groupement.")]
        raise AssertionError(f"{instance} does not say what it serves")


def clock() -> Any:
    """The instant at which everything happens."""
    return NOW


def _refused(error: grpc.aio.AioRpcError) -> Answer:
    trailers = tuple(error.trailing_metadata() or ())
    info, violations = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    words = [
        ("status", error.details() or ""),
        *_words("headers", error.initial_metadata()),
        *_words("trailers", trailers),
    ]
    for key, value in trailers:
        if key == DETAILS_KEY and isinstance(value, bytes):
            for detail in status_pb2.Status.FromString(value).details:
                if not detail.Unpack(info):
                    detail.Unpack(violations)
    words += [(f"details.{key}", value) for key, value in info.metadata.items()]
    fields = [violation.field for violation in violations.field_violations]
    return Answer(
        code=error.code().name, message=None, reason=info.reason, field=fields[0] if fields else "", words=words
    )


def _words(where: str, metadata: Any) -> Sequence[tuple[str, str]]:
    return [
        (f"{where}.{key}", value.decode(errors="replace") if isinstance(value, bytes) else value)
        for key, value in metadata or ()
    ]
