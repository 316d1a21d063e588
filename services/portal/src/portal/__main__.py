"""The portal's key ring: `python -m portal serve`."""

import asyncio
import json
import sys

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
_MISUSED, _REFUSED, _FAILED = 2, 78, 1


class Server(uvicorn.Server):
    """Says on standard output when it is ready to be asked."""

    async def startup(self, sockets: list[object] | None = None) -> None:  # type: ignore[override]
        """Listen, then say so."""
        await super().startup(sockets)  # type: ignore[arg-type]
        if self.started:
            host, port = self.servers[0].sockets[0].getsockname()[:2]
            sys.stdout.write(json.dumps({"ready": True, "instance": INSTANCE, "listen": f"{host}:{port}"}) + "\n")
            sys.stdout.flush()


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


async def serve(settings: Settings) -> int:
    """Serve until told to stop; gives the exit code."""
    portal = make_portal(settings)
    host, _, port = settings.listen.rpartition(":")
    config = uvicorn.Config(
        build(portal),
        host=host.strip("[]"),
        port=int(port),
        access_log=False,
        log_config=None,
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    server = Server(config)
    try:
        await server.serve()
    finally:
        await portal.provider.close()
        await portal.backends.close()
    return 0 if server.started else _FAILED


def main(arguments: list[str]) -> int:
    """Do what the command line says; gives the exit code."""
    if arguments != ["serve"]:
        sys.stderr.write(f"{USAGE}\n")
        return _MISUSED
    try:
        settings = read_settings()
    except SettingRefused as refusal:
        sys.stderr.write(f"portal: {refusal}\n")
        return _REFUSED
    logs.configure(instance=INSTANCE, level=settings.log_level)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(serve(settings))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
