"""Processes under one hand: started in order, watched, begun again when they fall, stopped together."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from groupement_cli import leash
from groupement_cli.exits import FAILED, Trouble
from groupement_cli.plan import Process

_READY_SECONDS = 60
_STOP_SECONDS = 15
_RESTART_SECONDS = (1, 2, 4, 8, 16, 30)
_QUIET_SECONDS = 60
_TAIL_BYTES = 4000


class Running:
    """One process and what it says."""

    def __init__(self, process: Process, log: Path) -> None:
        self.process = process
        self.log = log
        self.ready = asyncio.Event()
        self.started_at = 0.0
        self._child: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    @property
    def pid(self) -> int:
        """Its process id; 0 before it was started."""
        return self._child.pid if self._child else 0

    async def start(self) -> None:
        """Start it and return once it serves; a Trouble with its last words when it does not come up."""
        self.ready.clear()
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._child = await asyncio.create_subprocess_exec(
                *_leashed(self.process.argv),
                env=dict(self.process.env),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )
        self.started_at = time.monotonic()
        self._reader = asyncio.create_task(self._read(), name=f"read {self.process.name}")
        await self._wait_ready()

    async def wait(self) -> int:
        """Its exit code, once it ends."""
        if self._child is None:
            raise RuntimeError(f"{self.process.name} was not started")
        return await self._child.wait()

    async def stop(self) -> None:
        """Ask it to end, and insist after a while."""
        if self._child is None or self._child.returncode is not None:
            return
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._child.wait(), _STOP_SECONDS)
        except TimeoutError:
            self._signal(signal.SIGKILL)
            await self._child.wait()

    def kill(self) -> None:
        """End it at once, as a fault would."""
        self._signal(signal.SIGKILL)

    def last_words(self) -> str:
        """The end of what it said."""
        with contextlib.suppress(OSError):
            said = self.log.read_bytes()[-_TAIL_BYTES:].decode(errors="replace").strip().splitlines()
            return said[-1] if said else ""
        return ""

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            if self._child is not None:
                self._child.send_signal(number)

    async def _read(self) -> None:
        """Note the line that says it is ready; keep the rest with its log."""
        stream = self._child.stdout if self._child else None
        while stream is not None and (line := await stream.readline()):
            if _says_ready(line):
                self.ready.set()
            else:
                with self.log.open("ab") as log:
                    log.write(line)

    async def _wait_ready(self) -> None:
        ended = asyncio.create_task(self.wait())
        answers = asyncio.create_task(self.ready.wait() if self.process.says_ready else _listens(self.process.address))
        try:
            done, _ = await asyncio.wait({ended, answers}, timeout=_READY_SECONDS, return_when=asyncio.FIRST_COMPLETED)
            if answers not in done:
                raise Trouble(self._why_not(), code=FAILED)
        finally:
            ended.cancel()
            answers.cancel()

    def _why_not(self) -> str:
        how = "is not ready" if self._child is None or self._child.returncode is None else "ended"
        return f"{self.process.name} {how}: {self.last_words() or 'it said nothing'} ({self.log})"


class Supervisor:
    """The house's processes; `say` tells the operator what happens to them."""

    def __init__(self, log_of: Callable[[str], Path], say: Callable[[str], None]) -> None:
        self._log_of = log_of
        self._say = say
        self._running: list[Running] = []
        self._watchers: list[asyncio.Task[None]] = []

    @property
    def running(self) -> tuple[Running, ...]:
        """The processes, in the order in which they were started."""
        return tuple(self._running)

    async def start(self, process: Process) -> Running:
        """Start one and return once it serves."""
        running = Running(process, self._log_of(process.name))
        self._running.append(running)
        await running.start()
        return running

    def watch(self, on_change: Callable[[], None]) -> None:
        """From now on, begin again whatever ends by itself."""
        self._watchers = [asyncio.create_task(self._keep(running, on_change)) for running in self._running]

    async def stop(self) -> None:
        """Stop all, the last started first; the broker outlives those who speak through it."""
        for watcher in self._watchers:
            watcher.cancel()
        await asyncio.gather(*self._watchers, return_exceptions=True)
        first, others = self._running[:1], self._running[1:]
        await asyncio.gather(*(running.stop() for running in reversed(others)))
        await asyncio.gather(*(running.stop() for running in first))

    async def _keep(self, running: Running, on_change: Callable[[], None]) -> None:
        tries = 0
        while True:
            code = await running.wait()
            tries = 0 if time.monotonic() - running.started_at > _QUIET_SECONDS else tries
            delay = _RESTART_SECONDS[min(tries, len(_RESTART_SECONDS) - 1)]
            self._say(f"{running.process.name} ended ({code}); starting it again in {delay} s; see {running.log}")
            await asyncio.sleep(delay)
            tries += 1
            with contextlib.suppress(Trouble):
                await running.start()
                on_change()


async def _listens(address: str) -> None:
    host, _, port = address.rpartition(":")
    while True:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.close()
            return
        await asyncio.sleep(0.05)


def _says_ready(line: bytes) -> bool:
    try:
        said = json.loads(line)
    except ValueError:
        return False
    return isinstance(said, dict) and said.get("ready") is True


def _leashed(argv: Sequence[str]) -> Sequence[str]:
    """A command that leaves nothing behind when we are killed."""
    return (sys.executable, "-I", "-S", leash.__file__, str(os.getpid()), *argv)
