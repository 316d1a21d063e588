"""One instance's gRPC server: mutual TLS or nothing, a guard before every method, health, reflection, a clean end."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2_grpc

from servicekit import logs
from servicekit.clock import Clock, utc_now
from servicekit.origin import Origin
from servicekit.pki import Tls
from servicekit.rpc.access import Admissions, StaffLookup, admissions_of, internal_only
from servicekit.rpc.callers import Callers
from servicekit.rpc.interceptor import METADATA, Guard, Handler
from servicekit.tokens import TokenVerifier

AddServicer = Callable[[Any, Any], None]
"""A generated `add_BookingServiceServicer_to_server`."""

OPERATOR = "operator"
"""The kind of peer that looks after the processes; with `portal`, the peers health and reflection answer by default."""

LARGEST_MESSAGE = 4 * 1024 * 1024
DRAIN_SECONDS = 10.0
_TIME_TO_HEAR = 0.05
"""Seconds for those who watch our health to be told before their streams end."""


class Server:
    """Serves one instance's services; raises Unguarded when one of their methods has no access rule."""

    def __init__(
        self,
        *,
        origin: Origin,
        tls: Tls,
        services: Sequence[tuple[AddServicer, object]],
        verifier: TokenVerifier,
        staff: StaffLookup,
        listen: str = "127.0.0.1:0",
        clock: Clock = utc_now,
        internal_peers: Iterable[str] = (OPERATOR,),
        default_deadline: float = 10.0,
        reuse_port: bool = False,
    ) -> None:
        self._tls = tls
        self._listen = listen
        self._reuse_port = reuse_port
        self._default_deadline = default_deadline
        self._callers = Callers(origin, verifier, staff, clock)
        self._health = health.aio.HealthServicer()
        ours, names = _collect(services)
        logs.learn(_messages(names))
        internal = _collect(self._internal_services(names))[0]
        admitted = internal_only(internal_peers)
        self._guards = {
            **{method: self._guard(method, handler, admissions_of(method)) for method, handler in ours.items()},
            **{method: self._guard(method, handler, admitted) for method, handler in internal.items()},
        }
        self._server: grpc.aio.Server | None = None
        self.address = ""

    async def start(self) -> str:
        """Listen and serve; gives the address, `127.0.0.1:41234`. Raises OSError when it is taken."""
        server = grpc.aio.server(
            handlers=[_Switchboard({method: guard.handler() for method, guard in self._guards.items()})],
            options=_options(self._reuse_port),
        )
        host = self._listen.rpartition(":")[0]
        try:
            port = server.add_secure_port(self._listen, _credentials(self._tls))
        except RuntimeError as error:
            raise OSError(f"cannot listen on {self._listen}") from error
        await server.start()
        self._server = server
        self.address = f"{host}:{port}"
        return self.address

    async def drain(self, grace: float = DRAIN_SECONDS) -> None:
        """Say NOT_SERVING, take no new call, let those under way finish for `grace` seconds, then close."""
        if self._server is None:
            return
        await self._health.enter_graceful_shutdown()
        await asyncio.sleep(_TIME_TO_HEAR)
        for guard in self._guards.values():
            guard.end_streams()
        await self._server.stop(grace)

    def _internal_services(self, names: Sequence[str]) -> list[tuple[AddServicer, object]]:
        reflected = reflection.aio.ReflectionServicer([*names, health.SERVICE_NAME])
        return [
            (health_pb2_grpc.add_HealthServicer_to_server, self._health),
            (reflection_pb2_grpc.add_ServerReflectionServicer_to_server, reflected),
        ]

    def _guard(self, method: str, handler: Handler, admissions: Admissions) -> Guard:
        return Guard(
            method,
            handler,
            admissions=admissions,
            callers=self._callers,
            deadline=self._default_deadline,
            command=_is_command(method),
        )


class _Switchboard(grpc.GenericRpcHandler):
    """Finds the handler of a call in one dictionary.

    grpc.aio's own registered methods each keep a task waiting, and every call pays for all of them.
    """

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = handlers

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> Handler | None:
        METADATA.set(handler_call_details.invocation_metadata)
        return self._handlers.get(handler_call_details.method)


class _Collector:
    """Stands in for a server while generated code registers its handlers."""

    def __init__(self) -> None:
        self.handlers: dict[str, Handler] = {}
        self.services: list[str] = []

    def add_generic_rpc_handlers(self, generic_rpc_handlers: object) -> None:
        """Not needed: the same handlers come through the other method, by name."""

    def add_registered_method_handlers(self, service_name: str, method_handlers: Mapping[str, Handler]) -> None:
        self.services.append(service_name)
        self.handlers |= {f"/{service_name}/{name}": handler for name, handler in method_handlers.items()}


def _collect(services: Iterable[tuple[AddServicer, object]]) -> tuple[dict[str, Handler], list[str]]:
    collector = _Collector()
    for add, servicer in services:
        add(servicer, collector)
    return collector.handlers, collector.services


def _messages(names: Iterable[str]) -> list[Any]:
    methods = [m for name in names for m in descriptor_pool.Default().FindServiceByName(name).methods]
    return [message for method in methods for message in (method.input_type, method.output_type)]


def _is_command(method: str) -> bool:
    service, _, name = method.removeprefix("/").rpartition("/")
    found = descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
    return "request_id" in found.input_type.fields_by_name


def _credentials(tls: Tls) -> grpc.ServerCredentials:
    pair = (tls.key.read_bytes(), tls.cert.read_bytes())
    return grpc.ssl_server_credentials([pair], tls.ca.read_bytes(), require_client_auth=True)


def _options(reuse_port: bool) -> list[tuple[str, int]]:
    return [
        ("grpc.so_reuseport", int(reuse_port)),
        ("grpc.max_receive_message_length", LARGEST_MESSAGE),
        ("grpc.max_send_message_length", LARGEST_MESSAGE),
        ("grpc.keepalive_time_ms", 30_000),
        ("grpc.keepalive_timeout_ms", 10_000),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.http2.min_ping_interval_without_data_ms", 9_000),
    ]
