"""The portal's key ring: `python -m portal serve`."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
import uvloop
from servicekit import logs
from servicekit.clock import utc_now
from servicekit.settings import SettingRefused

from portal.app import build
from portal.assets import Assets
from portal.backends import Backends
from portal.config import Settings, read_settings
from portal.provider import Provider
from portal.rendering import Templates
from portal.seal import Sealer
from portal.session import Cookies
from portal.showcase import Showcase
from portal.tokens import AccessTokens
from portal.visit import Portal

INSTANCE = "portal@groupement"
USAGE = "usage: python -m portal serve"
_DRAIN_SECONDS = 10
_MISUSED, _REFUSED = 2, 78
_SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Server(uvicorn.Server):
    """Says on standard output when it is ready to be asked; leaves signals to us, so that the process ends in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ends politely at the first SIGTERM or SIGINT, at once at a second SIGINT."""
        loop = asyncio.get_running_loop()
        for number in _SIGNALS:
            loop.add_signal_handler(number, self.handle_exit, number, None)
        yield
        for number in _SIGNALS:
            loop.remove_signal_handler(number)

    def say_ready(self) -> None:
        """One line that a supervisor reads."""
        host, port = self.servers[0].sockets[0].getsockname()[:2]
        sys.stdout.write(json.dumps({"ready": True, "instance": INSTANCE, "listen": f"{host}:{port}"}) + "\n")
        sys.stdout.flush()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then say so."""
        await super().startup(sockets)
        if self.started:
            self.say_ready()


def make_portal(settings: Settings) -> Portal:
    """Everything a visit needs; made in a running loop."""
    backends = Backends(settings.instances, settings.tls)
    provider = Provider(settings, utc_now)
    assets = Assets()
    return Portal(
        settings=settings,
        backends=backends,
        showcase=Showcase(backends, settings.structures, utc_now),
        provider=provider,
        tokens=AccessTokens(provider.access_token, utc_now),
        cookies=Cookies(Sealer(settings.cookie_key), portal_url=settings.url),
        templates=Templates(assets),
        assets=assets,
        clock=utc_now,
    )


async def serve(settings: Settings, listening: socket.socket) -> None:
    """Serve until told to stop."""
    portal = make_portal(settings)
    config = uvicorn.Config(
        build(portal),
        access_log=False,
        log_config=None,
        lifespan="off",
        ws="none",
        server_header=False,
        proxy_headers=bool(settings.proxies),
        forwarded_allow_ips=list(settings.proxies),
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    try:
        await Server(config).serve(sockets=[listening])
    finally:
        await portal.provider.close()
        await portal.backends.close()


def bound(address: str) -> socket.socket:
    """A socket that listens at `host:port`; raises SettingRefused when it is taken."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        return socket.create_server((host, int(port)), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        raise SettingRefused(f"GROUPEMENT_PORTAL_LISTEN: cannot listen on {address}: {error.strerror}") from error


def main(arguments: list[str]) -> int:
    """Do what the command line says; gives the exit code."""
    if arguments != ["serve"]:
        sys.stderr.write(f"{USAGE}\n")
        return _MISUSED
    try:
        settings = read_settings()
        listening = bound(settings.listen)
    except SettingRefused as refusal:
        sys.stderr.write(f"portal: {refusal}\n")
        return _REFUSED
    logs.configure(instance=INSTANCE, level=settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve(settings, listening))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
