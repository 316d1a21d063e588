"""Which process listens where: the portal on PORT, the provider beside it, everything else on free ports."""

import errno
import random
import socket
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from servicekit.origin import Origin

from groupement_cli.exits import CONFLICT, USAGE, Trouble

HOST = "127.0.0.1"
_HIGHEST_PORT = 65535
_OURS = range(20_000, 32_000)
"""Below what Linux hands out to outgoing connections (ip_local_port_range)."""
_TRIES = 200


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """`host:port` of everything that listens; `metrics` also answers /healthz and /readyz.

    `portal_url` and `issuer` are what browsers are told; they differ from the addresses behind a web server with TLS.
    """

    portal: str
    portal_url: str
    issuer: str
    provider: str
    provider_mtls: str
    bus: str
    smtp: str
    instances: Mapping[Origin, str]
    metrics: Mapping[Origin, str]


def choose(port: int, instances: Iterable[Origin], *, portal_url: str = "", issuer: str = "") -> Addresses:
    """Addresses for a start; a Trouble when the portal's own port is taken or is no port.

    `portal_url` and `issuer` are the public addresses, where they are not ours.
    """
    if not 1 <= port <= _HIGHEST_PORT:
        raise Trouble(f"PORT must lie between 1 and {_HIGHEST_PORT}, not {port}", code=USAGE)
    origins = tuple(instances)
    held: list[socket.socket] = []
    try:
        portal = _hold(port, held)
        if portal is None:
            raise Trouble(
                f"port {port} is in use; choose another: PORT={min(port + 100, 65000)} make run", code=CONFLICT
            )
        provider = _hold(port + 1, held) or _free(held)
        return Addresses(
            portal=portal,
            portal_url=portal_url or f"http://{portal}",
            issuer=issuer or f"http://{provider}",
            provider=provider,
            provider_mtls=_free(held),
            bus=_free(held),
            smtp=_free(held),
            instances={origin: _free(held) for origin in origins},
            metrics={origin: _free(held) for origin in origins},
        )
    finally:
        for listener in held:
            listener.close()


def _hold(port: int, held: list[socket.socket]) -> str | None:
    """Bind a port for as long as the others are chosen; None when it is taken."""
    if port in {other.getsockname()[1] for other in held}:
        return None
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    held.append(listener)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except PermissionError:
        raise Trouble(f"port {port} needs rights that we do not have; choose one above 1023", code=CONFLICT) from None
    except (OSError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno not in {errno.EADDRINUSE, errno.EADDRNOTAVAIL}:
            raise
        return None
    return f"{HOST}:{listener.getsockname()[1]}"


def _free(held: list[socket.socket]) -> str:
    """A free port that no outgoing connection will be given, so that what is killed finds its port again."""
    for port in random.sample(_OURS, k=_TRIES):
        found = _hold(port, held)
        if found is not None:
            return found
    raise Trouble("no free port is left on 127.0.0.1", code=CONFLICT)
