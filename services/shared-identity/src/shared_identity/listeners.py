"""HTTP listeners: one for browsers, one that knows its callers by their certificates."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from servicekit.pki import Tls
from starlette.types import ASGIApp, Scope
from uvicorn import Config, Server
from uvicorn.protocols.http.h11_impl import H11Protocol

_CLIENT_URIS = "client_uris"
_DRAIN_SECONDS = 5


def client_uris(scope: Scope) -> frozenset[str]:
    """The URI names of the certificate a request's connection showed (RFC 8705, §2.1.2: `tls_client_auth_san_uri`)."""
    return frozenset(scope.get("state", {}).get(_CLIENT_URIS, ()))


class CertifiedProtocol(H11Protocol):
    """Tells the application whose certificate a connection showed; uvicorn itself does not.

    What uvicorn keeps as a connection's state it copies into the scope of each of its requests.
    """

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Notes the names of the peer's certificate, which TLS has verified by now."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, _CLIENT_URIS: _uris(transport.get_extra_info("peercert"))}


class _Quiet(Server):
    """A uvicorn server that leaves signals to the process."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Captures none."""
        yield


def bound(address: str) -> socket.socket:
    """A socket that listens at `host:port`; raises OSError."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        return socket.create_server(
            (host, int(port)), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=256
        )
    except OSError as error:
        raise OSError(f"cannot listen on {address}: {error.strerror}") from error


def address_of(listening: socket.socket) -> str:
    """Where a socket listens: `127.0.0.1:41234`."""
    host, port = listening.getsockname()[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@asynccontextmanager
async def serving(app: ASGIApp, listening: socket.socket, tls: Tls | None = None) -> AsyncIterator[None]:
    """Serves an application while the block runs; with `tls`, to those whose certificate our authority signed."""
    server = _Quiet(_config(app, tls))
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await _started(server, task)
        yield
    finally:
        server.should_exit = True
        await asyncio.gather(task, return_exceptions=True)


def _config(app: ASGIApp, tls: Tls | None) -> Config:
    secure: dict[str, Any] = {}
    if tls is not None:
        secure = {
            "ssl_certfile": tls.cert,
            "ssl_keyfile": tls.key,
            "ssl_ca_certs": str(tls.ca),
            "ssl_cert_reqs": ssl.CERT_REQUIRED,
        }
    return Config(
        app,
        http=CertifiedProtocol if tls is not None else H11Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
        **secure,
    )


async def _started(server: Server, task: "asyncio.Task[None]") -> None:
    while not server.started:
        if task.done():
            task.result()
            raise OSError("the listener ended before it began")
        await asyncio.sleep(0.01)


def _uris(certificate: dict[str, Any] | None) -> tuple[str, ...]:
    names = (certificate or {}).get("subjectAltName", ())
    return tuple(value for kind, value in names if kind == "URI")
