"""Calling another instance: mutual TLS to exactly that instance, a deadline on every call, refusals as exceptions."""

import json
from collections.abc import Sequence
from typing import Any

import grpc

from servicekit.caller import CALLER
from servicekit.origin import Origin
from servicekit.pki import Tls
from servicekit.rpc.callers import TRACE
from servicekit.rpc.interceptor import CONTEXT
from servicekit.rpc.status import refusal_from

DEADLINE_SECONDS = 5.0
_LARGEST_MESSAGE = 4 * 1024 * 1024
_SERVICE_CONFIG = {
    "loadBalancingConfig": [{"round_robin": {}}],
    "methodConfig": [
        {
            "name": [{}],
            "retryPolicy": {
                "maxAttempts": 3,
                "initialBackoff": "0.05s",
                "maxBackoff": "0.5s",
                "backoffMultiplier": 2,
                "retryableStatusCodes": ["UNAVAILABLE"],
            },
        }
    ],
    "retryThrottling": {"maxTokens": 20, "tokenRatio": 0.1},
}

Metadata = Sequence[tuple[str, str]]


def credentials(token: str) -> tuple[tuple[str, str], ...]:
    """The metadata by which a call is made in a person's name: `stub.Book(request, metadata=credentials(token))`."""
    return (("authorization", f"Bearer {token}"),)


def channel(address: str, target: Origin, tls: Tls, *, deadline: float = DEADLINE_SECONDS) -> "Channel":
    """A channel to the instance `target` at `address`, or several: `ipv4:127.0.0.1:1,127.0.0.1:2`.

    Made in a running loop. The other end must prove to be `target`. Calls without a `timeout` get `deadline` seconds,
    or what is left to the call being answered if that is less. UNAVAILABLE is tried again, so commands should carry
    their `request_id`.
    """
    inner = grpc.aio.secure_channel(
        address,
        grpc.ssl_channel_credentials(tls.ca.read_bytes(), tls.key.read_bytes(), tls.cert.read_bytes()),
        options=[
            ("grpc.ssl_target_name_override", target.dns),
            ("grpc.default_authority", target.dns),
            ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
            ("grpc.enable_retries", 1),
            ("grpc.max_receive_message_length", _LARGEST_MESSAGE),
            ("grpc.keepalive_time_ms", 20_000),
            ("grpc.keepalive_timeout_ms", 5_000),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 2_000),
        ],
    )
    return Channel(inner, deadline)


class Channel(grpc.aio.Channel):
    """A channel whose unary calls carry a deadline and a trace, and raise refusals (`servicekit.refusals`)."""

    def __init__(self, inner: grpc.aio.Channel, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    @property
    def plain(self) -> grpc.aio.Channel:
        """The same channel as gRPC makes it: no default deadline, errors of gRPC's own."""
        return self._inner

    async def __aenter__(self) -> "Channel":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def unary_unary(self, method: str, *args: Any, **kwargs: Any) -> Any:
        return _UnaryCalls(self._inner.unary_unary(method, *args, **kwargs), self._deadline)

    def unary_stream(self, *args: Any, **kwargs: Any) -> Any:
        return self._inner.unary_stream(*args, **kwargs)

    def stream_unary(self, *args: Any, **kwargs: Any) -> Any:
        return self._inner.stream_unary(*args, **kwargs)

    def stream_stream(self, *args: Any, **kwargs: Any) -> Any:
        return self._inner.stream_stream(*args, **kwargs)

    async def close(self, grace: float | None = None) -> None:
        await self._inner.close(grace)

    def get_state(self, try_to_connect: bool = False) -> grpc.ChannelConnectivity:
        return self._inner.get_state(try_to_connect)

    async def wait_for_state_change(self, last_observed_state: grpc.ChannelConnectivity) -> None:
        await self._inner.wait_for_state_change(last_observed_state)

    async def channel_ready(self) -> None:
        await self._inner.channel_ready()


class _UnaryCalls:
    """Calls one method; awaiting a call gives the reply or raises a Refusal."""

    def __init__(self, inner: Any, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    async def __call__(
        self, request: Any, *, timeout: float | None = None, metadata: Metadata = (), **options: Any
    ) -> Any:
        try:
            return await self._inner(
                request,
                timeout=_deadline(self._deadline) if timeout is None else timeout,
                metadata=_with_trace(metadata),
                **options,
            )
        except grpc.aio.AioRpcError as error:
            raise refusal_from(error) from error


def _deadline(default: float) -> float:
    """What is left to the call being answered, if that is less than our default."""
    context = CONTEXT.get(None)
    left = context.time_remaining() if context is not None and not context.done() else None
    return default if left is None else min(default, left)


def _with_trace(metadata: Metadata) -> Metadata:
    caller = CALLER.get(None)
    return (*metadata, (TRACE, caller.trace)) if caller is not None else metadata
