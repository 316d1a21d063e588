"""A small HTTP listener for those who watch a process: /metrics, /healthz, /readyz. Nothing in it is personal."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

import structlog

from servicekit import metrics
from servicekit.refusals import Refusal

Check = Callable[[], Awaitable[None]]
"""Raises a Refusal when what it asks is away."""

_LONGEST_LINE = 4_096
_MOST_HEADERS = 100
_PATIENCE = 5.0
_log = structlog.get_logger(__name__)


@dataclass(kw_only=True)
class Readiness:
    """Whether to send calls here, and what is away.

    Without what is `needed` (the database) the instance answers nothing useful; without what is `wanted` (the bus) it
    serves, degraded. `draining` is set once it must get no new calls.
    """

    needed: Mapping[str, Check] = field(default_factory=dict)
    wanted: Mapping[str, Check] = field(default_factory=dict)
    draining: bool = False

    async def report(self) -> tuple[bool, Mapping[str, object]]:
        """Ready or not, and the report to print: the names of what is away, each with the reason given."""
        missing = await _failing(self.needed)
        degraded = await _failing(self.wanted)
        ready = not missing and not self.draining
        return ready, {"ready": ready, "draining": self.draining, "missing": missing, "degraded": degraded}


class Probes:
    """Answers probes on `listen` (`127.0.0.1:0`: any free port) until closed."""

    def __init__(self, listen: str, readiness: Readiness, *, before_metrics: Sequence[Check] = ()) -> None:
        """`before_metrics` are asked before each /metrics, to bring gauges up to date."""
        self._listen = listen
        self._readiness = readiness
        self._before_metrics = before_metrics
        self._server: asyncio.Server | None = None

    async def start(self) -> str:
        """Listen; gives the address. Raises OSError when it is taken."""
        host, _, port = self._listen.rpartition(":")
        self._server = await asyncio.start_server(self._converse, host.strip("[]"), int(port), limit=_LONGEST_LINE)
        return f"{host}:{self._server.sockets[0].getsockname()[1]}"

    async def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_PATIENCE):
                path = await _path(reader)
                status, kind, body = await self._answer(path)
                writer.write(_response(status, kind, body))
                await writer.drain()
        except (TimeoutError, OSError, ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            _log.debug("probe_dropped")
        finally:
            writer.close()

    async def _answer(self, path: str) -> tuple[str, str, bytes]:
        if path == "/healthz":
            return "200 OK", "text/plain", b"alive\n"
        if path == "/readyz":
            ready, report = await self._readiness.report()
            status = "200 OK" if ready else "503 Service Unavailable"
            return status, "application/json", json.dumps(report).encode() + b"\n"
        if path == "/metrics":
            await _failing({str(number): ask for number, ask in enumerate(self._before_metrics)})
            return "200 OK", metrics.CONTENT_TYPE, metrics.exposition()
        return "404 Not Found", "text/plain", b"try /metrics, /healthz or /readyz\n"


async def _failing(checks: Mapping[str, Check]) -> dict[str, str]:
    """The checks that fail, with the reason; one that takes too long has failed."""
    reasons = await asyncio.gather(*map(_reason, checks.values()))
    return {name: reason for name, reason in zip(checks, reasons, strict=True) if reason}


async def _reason(check: Check) -> str:
    try:
        async with asyncio.timeout(_PATIENCE / 2):
            await check()
    except Refusal as refusal:
        return refusal.reason
    except TimeoutError:
        return "NO_ANSWER"
    return ""


async def _path(reader: asyncio.StreamReader) -> str:
    """The path a GET asks for; raises ValueError on anything else."""
    method, path, _ = (await reader.readuntil(b"\n")).decode("ascii").split(" ", 2)
    for _ in range(_MOST_HEADERS):
        if not (await reader.readuntil(b"\n")).strip():
            break
    if method != "GET":
        raise ValueError("probes are asked with GET")
    return path.partition("?")[0]


def _response(status: str, kind: str, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    return head.encode("ascii") + body
