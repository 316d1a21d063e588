"""A real process on a real bus: it says when it is ready, serves while the bus is away, and ends cleanly."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from broker import broker, house, seed_file
from greeting import House, pb, pb_grpc
from servicekit.origin import Origin
from servicekit.rpc import channels
from sqlalchemy import create_engine, text

PROGRAM = Path(__file__).parents[2] / "support" / "greeting_process.py"
INSTANCE = "bakery@south"


class Running:
    """A process under test, started as an operator starts it."""

    def __init__(self, process: asyncio.subprocess.Process, ready: Mapping[str, str], people: House) -> None:
        self.process = process
        self.ready = ready
        self._people = people

    def stub(self) -> Any:
        made = channels.channel(self.ready["listen"], Origin.parse(INSTANCE), self._people.tls("portal@south"))
        self._people.opened.append(made)
        return pb_grpc.GreetingServiceStub(made)

    async def probe(self, path: str) -> httpx2.Response:
        async with httpx2.AsyncClient() as client:
            return await client.get(f"http://{self.ready['metrics']}{path}")

    async def end(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, list[dict[str, Any]]]:
        """Its exit code and the lines it logged."""
        os.kill(self.process.pid, number)
        _, errors = await asyncio.wait_for(self.process.communicate(), 60)
        assert self.process.returncode is not None
        return self.process.returncode, [json.loads(line) for line in errors.decode().splitlines()]


@pytest.fixture
async def people(tmp_path: Path) -> AsyncIterator[House]:
    made = House(tmp_path / "pki")
    yield made
    await made.close()


@pytest.fixture
def surroundings(tmp_path: Path, people: House) -> dict[str, str]:
    """The environment of the process, with its bus nowhere yet."""
    house(tmp_path)
    tls = people.tls(INSTANCE)
    settings = {
        "STRUCTURE": "south",
        "DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path}/database.sqlite3",
        "TLS_CA": tls.ca,
        "TLS_CERT": tls.cert,
        "TLS_KEY": tls.key,
        "JWKS_FILE": people.jwks,
        "ISSUER": "https://identity.example",
        "BUS_URL": "tls://127.0.0.1:1",
        "BUS_SEED_FILE": seed_file(tmp_path, "south", INSTANCE),
    }
    path = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    return path | {f"GROUPEMENT_{name}": str(value) for name, value in settings.items()}


async def spawn(surroundings: Mapping[str, str], *arguments: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(
        sys.executable, PROGRAM, *arguments, env=surroundings, stdout=pipe, stderr=pipe, limit=2**20
    )


async def told(surroundings: Mapping[str, str], *arguments: str) -> tuple[int | None, str, str]:
    """Exit code, standard output and standard error of a command that ends by itself."""
    process = await spawn(surroundings, *arguments)
    output, errors = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode, output.decode(), errors.decode()


@asynccontextmanager
async def serving(surroundings: Mapping[str, str], people: House) -> AsyncIterator[Running]:
    assert await told(surroundings, "migrate") == (0, "", "")
    process = await spawn(surroundings, "serve")
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), 60)
        yield Running(process, json.loads(line), people)
    finally:
        if process.returncode is None:
            os.kill(process.pid, signal.SIGKILL)
            await process.wait()


def rows(tmp_path: Path, sql: str) -> list[str]:
    engine = create_engine(f"sqlite:///{tmp_path}/database.sqlite3")
    with engine.connect() as connection:
        found = [str(row[0]) for row in connection.execute(text(sql))]
    engine.dispose()
    return found


async def eventually(tmp_path: Path, sql: str, wanted: list[str]) -> None:
    async with asyncio.timeout(60):
        while rows(tmp_path, sql) != wanted:  # noqa: ASYNC110 - another process does it
            await asyncio.sleep(0.1)


async def test_it_says_when_it_is_ready_then_serves_tells_hears_and_reminds(
    tmp_path: Path, people: House, surroundings: dict[str, str]
) -> None:
    async with (
        broker(tmp_path, house(tmp_path)) as bus,
        serving(surroundings | {"GROUPEMENT_BUS_URL": bus.url}, people) as running,
    ):
        assert running.ready["instance"] == INSTANCE
        await running.stub().LeaveGreeting(pb.LeaveGreetingRequest(text="loaf_1"))
        await eventually(tmp_path, "SELECT loaf_id FROM shelf WHERE fact_id <> 'reminder'", ["loaf_1"])
        await eventually(tmp_path, "SELECT loaf_id FROM shelf WHERE fact_id = 'reminder'", ["loaf_1"])
        await eventually(tmp_path, "SELECT fact_id FROM outbox", [])
        answer = await running.probe("/readyz")
        assert (answer.status_code, answer.json()["degraded"]) == (200, {})
        metrics = (await running.probe("/metrics")).text
        assert 'method="/house.greeting.v1.GreetingService/LeaveGreeting"' in metrics
        assert "groupement_outbox_facts 0.0" in metrics
        code, lines = await running.end()
    assert code == 0
    assert [line["event"] for line in lines if line["event"] in ("ready", "draining", "ended")] == [
        "ready",
        "draining",
        "ended",
    ]
    assert not [line for line in lines if line["level"] in ("error", "critical")]


async def test_it_serves_while_the_bus_is_away_and_tells_when_it_is_back(
    tmp_path: Path, people: House, surroundings: dict[str, str]
) -> None:
    async with broker(tmp_path, house(tmp_path)) as bus:
        bus.stop()
        async with serving(surroundings | {"GROUPEMENT_BUS_URL": bus.url}, people) as running:
            await running.stub().LeaveGreeting(pb.LeaveGreetingRequest(text="loaf_1"))
            answer = await running.probe("/readyz")
            assert answer.status_code == 200
            assert answer.json()["degraded"] == {"bus": "BUS_UNAVAILABLE", "outbox": "OUTBOX_STUCK"}
            assert "groupement_outbox_facts 1.0" in (await running.probe("/metrics")).text
            bus.start()
            await bus.listening()
            await eventually(tmp_path, "SELECT loaf_id FROM shelf WHERE fact_id <> 'reminder'", ["loaf_1"])
            async with asyncio.timeout(60):  # the row goes once the bus has said that it holds the fact
                while (await running.probe("/readyz")).json()["degraded"]:  # noqa: ASYNC110 - another process does it
                    await asyncio.sleep(0.1)


async def test_told_to_end_it_lets_a_running_call_finish(people: House, surroundings: dict[str, str]) -> None:
    async with serving(surroundings, people) as running:
        slow = asyncio.ensure_future(running.stub().Greet(pb.GreetRequest(wish="nap"), timeout=10))
        await asyncio.sleep(0.3)
        ended = asyncio.ensure_future(running.end())
        assert (await slow).wish == "nap"
        code, _ = await ended
    assert code == 0


async def test_without_its_database_it_says_so_to_callers_and_to_probes(
    people: House, surroundings: dict[str, str]
) -> None:
    process = await spawn({**surroundings, "GROUPEMENT_DATABASE_URL": "postgresql+asyncpg://127.0.0.1:1/x"}, "serve")
    assert process.stdout is not None
    running = Running(process, json.loads(await asyncio.wait_for(process.stdout.readline(), 60)), people)
    answer = await running.probe("/readyz")
    assert (answer.status_code, list(answer.json()["missing"])) == (503, ["database"])
    assert (await running.probe("/healthz")).status_code == 200
    assert (await running.stub().Greet(pb.GreetRequest(wish="hello"))).wish == "hello"
    assert (await running.end(signal.SIGINT))[0] == 0


async def test_what_is_wrong_at_start_is_one_line_and_an_exit_code(people: House, surroundings: dict[str, str]) -> None:
    missing = {name: value for name, value in surroundings.items() if name != "GROUPEMENT_STRUCTURE"}
    assert await told(missing, "serve") == (78, "", "bakery: GROUPEMENT_STRUCTURE: is not set\n")
    code, output, errors = await told(surroundings, "load", "bread.toml")
    assert (code, output) == (1, "")
    assert errors == "bakery: bread.toml: The file to load cannot be read. (FILE_UNREADABLE)\n"
    async with serving(surroundings, people) as running:
        taken = {**surroundings, "GROUPEMENT_LISTEN": running.ready["listen"]}
        code, output, errors = await told(taken, "serve")
        assert (code, output) == (1, "")
        assert errors.splitlines()[-1] == f"bakery: cannot listen on {running.ready['listen']}"
    assert (await told(surroundings, "dance"))[0] == 2


async def test_a_crash_says_where_and_not_what_about(surroundings: dict[str, str]) -> None:
    code, output, errors = await told(surroundings, "grant-staff", "--person", "person_42", "--role", "ADMIN")
    assert (code, output) == (1, "")
    assert json.loads(errors)["event"] == "crashed"
    assert "grant_staff" in errors
    assert "person_42" not in errors


@pytest.mark.parametrize("asked", [b"POST /metrics HTTP/1.1\r\n\r\n", b"\xff\xfe\r\n\r\n", b"GET\r\n\r\n", b"G" * 9000])
async def test_a_malformed_probe_is_dropped_and_the_next_one_answered(
    people: House, surroundings: dict[str, str], asked: bytes
) -> None:
    async with serving(surroundings, people) as running:
        host, _, port = running.ready["metrics"].rpartition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(asked)
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
        assert (await running.probe("/nowhere")).status_code == 404
