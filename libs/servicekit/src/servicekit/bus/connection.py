"""One process's connection to the bus: made in the background, kept for ever, never in the way of serving."""

import asyncio
import contextlib
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import structlog
from nats import errors
from nats.js import JetStreamContext

from servicekit.bus.accounts import FEDERATION, inbox, stream_api
from servicekit.bus.client import BlockClient
from servicekit.bus.keys import public_key
from servicekit.refusals import Unavailable

_log = structlog.get_logger(__name__)
_PING_SECONDS = 10
_RETRY_SECONDS = 1
_DRAIN_SECONDS = 5

Json = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class BusSettings:
    """Where the bus is and who connects. `user` is its name in the registry: `coworking@la-ruche`, `owner`.

    `patience` is how many seconds `connect` waits before it goes on in the background.
    """

    url: str
    user: str
    seed_file: Path
    ca: Path
    domain: str | None = None
    patience: float = 2.0
    api_timeout: float = 5.0


class BusUnavailable(Unavailable):
    """The bus does not answer."""


class ApiRefusal(Exception):
    """JetStream answered a request with an error; `err_code` is its number in the server's list."""

    def __init__(self, *, code: int, err_code: int, description: str) -> None:
        super().__init__(f"{description} ({code}/{err_code})")
        self.code = code
        self.err_code = err_code
        self.description = description


class Bus:
    """A connection that comes back: when the client gives up, another one takes its place."""

    def __init__(self, settings: BusSettings) -> None:
        public_key(settings.seed_file)
        self.settings = settings
        self._tls = ssl.create_default_context(cafile=str(settings.ca))
        self._client = BlockClient()
        self._connected = asyncio.Event()
        self._lost = asyncio.Event()
        self._closing = False
        self.connections = 0
        """How often the connection was made: whoever asked for something on an older one must ask again."""
        self._keeper = asyncio.create_task(self._keep(), name=f"bus {settings.user}")

    @property
    def ready(self) -> bool:
        """Whether the bus is reachable right now."""
        return self._client.is_connected

    @property
    def client(self) -> BlockClient:
        """The client of the moment; ask again after an error, it may have been replaced."""
        return self._client

    @property
    def jetstream(self) -> JetStreamContext:
        """The JetStream context of the client of the moment."""
        return self._client.jetstream(timeout=self.settings.api_timeout, domain=self.settings.domain)

    async def wait_ready(self) -> None:
        """Return once the bus is reachable."""
        while not self.ready:
            self._connected.clear()
            if not self.ready:
                await self._connected.wait()

    async def call(self, subject: str, payload: Json | None = None, *, timeout: float | None = None) -> Json:
        """Ask the JetStream API: `call("STREAM.INFO.EVENTS")`; what concerns FEDERATION is asked where it is kept.

        Raises ApiRefusal with the server's error, BusUnavailable when nobody answers (away, or not allowed to ask).
        """
        body = json.dumps(payload).encode() if payload is not None else b""
        wait = timeout or self.settings.api_timeout
        try:
            answer = await self._client.request(f"{self._api(subject)}.{subject}", body, timeout=wait)
        except (errors.Error, OSError, TimeoutError) as error:
            raise BusUnavailable(f"{subject}: {type(error).__name__}") from error
        return parsed(answer.data)

    def _api(self, subject: str) -> str:
        return stream_api(FEDERATION if FEDERATION in subject.split(".") else "", self.settings.domain)

    async def close(self) -> None:
        """Send what is under way, then leave."""
        self._closing = True
        self._keeper.cancel()
        await asyncio.wait({self._keeper}, timeout=_DRAIN_SECONDS)
        await _leave(self._client)

    async def _keep(self) -> None:
        """Connect; when the client closes for good (the server refused its key, say), begin again with a new one."""
        while not self._closing:
            self._lost.clear()
            try:
                await self._connect()
                await self._lost.wait()
            except (errors.Error, OSError, TimeoutError) as error:
                _log.warning("bus_unreachable", user=self.settings.user, error=_name(error))
            await asyncio.sleep(_RETRY_SECONDS)
            self._client = BlockClient()

    async def _connect(self) -> None:
        await self._client.connect(
            self.settings.url,
            name=self.settings.user,
            nkeys_seed=str(self.settings.seed_file),
            tls=self._tls,
            tls_handshake_first=True,
            inbox_prefix=inbox(self.settings.user),
            max_reconnect_attempts=-1,
            reconnect_time_wait=_RETRY_SECONDS,
            ping_interval=_PING_SECONDS,
            drain_timeout=_DRAIN_SECONDS,
            error_cb=self._on_error,
            reconnected_cb=self._on_connected,
            closed_cb=self._on_closed,
        )
        await self._on_connected()

    async def _on_connected(self) -> None:
        _log.info("bus_connected", user=self.settings.user)
        self.connections += 1
        self._connected.set()

    async def _on_closed(self) -> None:
        self._lost.set()

    async def _on_error(self, error: Exception) -> None:
        _log.warning("bus_trouble", user=self.settings.user, error=_name(error))


async def connect(settings: BusSettings) -> Bus:
    """Begin to connect and give the bus, connected or not: a service serves while its bus is away.

    Raises ValueError when the seed file holds no seed, OSError when a file cannot be read.
    """
    bus = Bus(settings)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(bus.wait_ready(), settings.patience)
    return bus


def parsed(payload: bytes) -> Json:
    """The JSON answer of the JetStream API; raises ApiRefusal when it is an error."""
    answer: dict[str, object] = json.loads(payload)
    error = answer.get("error")
    if isinstance(error, dict):
        raise ApiRefusal(
            code=int(error.get("code", 0)),
            err_code=int(error.get("err_code", 0)),
            description=str(error.get("description", "")),
        )
    return answer


async def _leave(client: BlockClient) -> None:
    try:
        if client.is_connected:
            await asyncio.wait_for(client.drain(), _DRAIN_SECONDS)
        else:
            await client.close()
    except (errors.Error, OSError, TimeoutError, AttributeError) as error:
        # AttributeError: uvloop's TLS transport, written to by nats-py in the instant the server goes.
        _log.warning("bus_left_without_draining", error=_name(error))
        with contextlib.suppress(AttributeError):
            await client.close()


def _name(error: BaseException) -> str:
    return str(error) or type(error).__name__
