"""A whole process: what serves, what relays, what listens and what sweeps, from the first line to a clean end."""

import asyncio
import json
import signal
import sys
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from servicekit import metrics
from servicekit.bus.connection import Bus, BusSettings, BusUnavailable
from servicekit.bus.relay import Relay
from servicekit.bus.subscriber import Subscriber
from servicekit.bus.subscriptions import Subscription
from servicekit.clock import Clock, utc_now
from servicekit.origin import GROUPEMENT
from servicekit.probes import Check, Probes, Readiness
from servicekit.refusals import Unavailable
from servicekit.rpc.access import StaffLookup
from servicekit.rpc.server import DRAIN_SECONDS, OPERATOR, AddServicer, Server
from servicekit.settings import InstanceSettings
from servicekit.sql import Database, Sweeper, outbox
from servicekit.sql.sweeper import Handler
from servicekit.tokens import TokenVerifier

Job = Callable[[], Awaitable[None]]
"""Runs beside the server until it is cancelled; when it fails, the process ends."""

BusJob = Callable[[Bus | None], Awaitable[None]]
"""A job that is handed the bus, which may be away, or None when the instance has none."""

log = structlog.get_logger(__name__)
_STUCK_AFTER = timedelta(minutes=1)
_BUS_SECONDS = 8.0


class OutboxStuck(Unavailable):
    """Facts have been waiting for the bus for more than a minute."""


@dataclass(kw_only=True)
class Instance:
    """One instance, assembled: give it what it serves, hears and does later; `await instance.run()`.

    `staff` tells a person's roles from the instance's own record. `subscriptions` and `due` may be empty. `beside` and
    `beside_bus` are further jobs; `checks` add to what /readyz names as degraded.
    """

    settings: InstanceSettings
    db: Database
    services: Sequence[tuple[AddServicer, object]]
    staff: StaffLookup
    subscriptions: Sequence[Subscription[Any]] = ()
    due: Mapping[str, Handler] = field(default_factory=dict)
    beside: Sequence[Job] = ()
    beside_bus: Sequence[BusJob] = ()
    checks: Mapping[str, Check] = field(default_factory=dict)
    internal_peers: Iterable[str] = (OPERATOR,)
    clock: Clock = utc_now
    grace: float = DRAIN_SECONDS

    async def run(self) -> None:
        """Serve until SIGTERM or SIGINT, then drain. The bus may be away from the start: it is waited for beside."""
        stopping = stop_signal()
        async with AsyncExitStack() as closing:
            closing.push_async_callback(self.db.close)
            server = self._server()
            closing.push_async_callback(server.drain, 0)
            listen = await server.start()
            bus = self._bus()
            closing.push_async_callback(_leave, bus)
            readiness = self._readiness(bus)
            probes = Probes(self.settings.metrics_listen, readiness, before_metrics=(self._measure_outbox,))
            closing.push_async_callback(probes.close)
            self._say_ready(listen, await probes.start())
            async with asyncio.TaskGroup() as group:
                jobs = [group.create_task(_run(job)) for job in self._jobs(bus)]
                await stopping.wait()
                log.info("draining")
                readiness.draining = True
                await server.drain(self.grace)
                for job in jobs:
                    job.cancel()
        log.info("ended")

    def _server(self) -> Server:
        settings = self.settings
        audience = None if settings.origin.structure == GROUPEMENT else settings.origin.structure
        return Server(
            origin=settings.origin,
            tls=settings.tls,
            listen=settings.listen,
            services=self.services,
            verifier=TokenVerifier(settings.jwks_file, issuer=settings.issuer, audience=audience),
            staff=self.staff,
            clock=self.clock,
            internal_peers=self.internal_peers,
        )

    def _bus(self) -> Bus | None:
        settings = self.settings
        if settings.bus_seed_file is None:
            return None
        return Bus(
            BusSettings(
                url=settings.bus_url,
                user=settings.origin.instance,
                seed_file=settings.bus_seed_file,
                ca=settings.tls.ca,
            )
        )

    def _jobs(self, bus: Bus | None) -> list[Job]:
        jobs: list[Job] = [*self.beside, *(partial(job, bus) for job in self.beside_bus)]
        if self.due:
            jobs.append(Sweeper(self.db, self.due, clock=self.clock).run)
        if bus is not None:
            jobs.append(Relay(self.db, bus).run)
        if bus is not None and self.subscriptions:
            kind = self.settings.origin.subject_kind
            jobs.append(Subscriber(self.db, bus, kind, self.subscriptions, clock=self.clock).run)
        return jobs

    def _readiness(self, bus: Bus | None) -> Readiness:
        async def bus_is_there() -> None:
            if bus is None or not bus.ready:
                raise BusUnavailable

        wanted = {"bus": bus_is_there, "outbox": self._outbox_moves, **self.checks}
        return Readiness(needed={"database": self.db.ping}, wanted=wanted)

    async def _depth(self) -> outbox.Depth:
        async with self.db.reading() as work:
            return await outbox.depth(work)

    async def _outbox_moves(self) -> None:
        oldest = (await self._depth()).oldest
        if oldest is not None and self.clock() - oldest > _STUCK_AFTER:
            raise OutboxStuck

    async def _measure_outbox(self) -> None:
        depth = await self._depth()
        age = (self.clock() - depth.oldest).total_seconds() if depth.oldest is not None else 0.0
        metrics.OUTBOX_FACTS.set(depth.facts)
        metrics.OUTBOX_AGE_SECONDS.set(age)

    def _say_ready(self, listen: str, probes: str) -> None:
        """Tell whoever started us, in one line of JSON on standard output."""
        ready = {"ready": True, "instance": self.settings.origin.instance, "listen": listen, "metrics": probes}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        log.info("ready", listen=listen, metrics=probes)


def stop_signal() -> asyncio.Event:
    """An event set by the first SIGTERM or SIGINT; a second one ends the process at once."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    def stop(number: signal.Signals) -> None:
        stopping.set()
        loop.remove_signal_handler(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    return stopping


async def _leave(bus: Bus | None) -> None:
    """Close the bus, within a few seconds: a connection being made may not heed being cancelled."""
    if bus is not None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_BUS_SECONDS):
                await bus.close()


async def _run(job: Job) -> None:
    await job()
