"""The portal's process: ready when it says so, alone it still answers, it ends in order and refuses in one line."""

import asyncio
import base64
import json
import os
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
import pytest
from servicekit import pki
from servicekit.origin import GROUPEMENT, Origin

PORTAL = Origin(structure=GROUPEMENT, kind="portal")
Process = asyncio.subprocess.Process


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def surroundings(folder: Path, **change: str) -> dict[str, str]:
    """What a portal needs to be told, with every service at an address where nobody answers."""
    pki.make_authority(folder)
    tls = pki.issue(folder, PORTAL)
    (folder / "cookie.key").write_bytes(base64.b64encode(secrets.token_bytes(32)))
    port, nobody = free_port(), free_port()
    values = {
        "PORTAL_LISTEN": f"127.0.0.1:{port}",
        "PORTAL_URL": f"http://127.0.0.1:{port}",
        "ISSUER": f"http://127.0.0.1:{nobody}",
        "OIDC_MTLS_URL": f"https://127.0.0.1:{nobody}",
        "INSTANCES": f"shared-identity@groupement=127.0.0.1:{nobody},coworking@la-ruche=127.0.0.1:{nobody}",
        "TLS_CA": str(tls.ca),
        "TLS_CERT": str(tls.cert),
        "TLS_KEY": str(tls.key),
        "COOKIE_KEY_FILE": str(folder / "cookie.key"),
        **change,
    }
    return {"PATH": os.environ["PATH"], "GRPC_VERBOSITY": "NONE"} | {f"GROUPEMENT_{n}": v for n, v in values.items()}


async def start(env: dict[str, str]) -> Process:
    """`python -m portal serve`."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "portal", "serve", env=env, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )


@asynccontextmanager
async def serving(env: dict[str, str]) -> AsyncIterator[tuple[Process, str]]:
    """A portal that said it is ready, and its address."""
    process = await start(env)
    assert process.stdout is not None
    try:
        line = json.loads(await asyncio.wait_for(process.stdout.readline(), 60))
        assert line["ready"] is True
        assert line["instance"] == "portal@groupement"
        yield process, f"http://{line['listen']}"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_alone_it_still_answers_and_names_what_it_can(tmp_path: Path) -> None:
    async with (
        serving(surroundings(tmp_path)) as (_, address),
        httpx2.AsyncClient(trust_env=False, timeout=20) as client,
    ):
        home = await client.get(f"{address}/espaces", headers={"accept-language": "fr"})
        assert home.status_code == 200
        assert "La Ruche" in home.text
        assert "ne peuvent pas s'afficher" in home.text
        assert (await client.get(f"{address}/healthz")).status_code == 200
        ready = await client.get(f"{address}/readyz")
        assert ready.status_code == 503
        assert ready.json()["degraded"] == ["shared-identity@groupement", "coworking@la-ruche"]
        wanted = await client.get(f"{address}/tableau-de-bord", headers={"accept-language": "fr"})
        assert wanted.status_code == 503
        assert "les nouvelles connexions attendent" in wanted.text


async def test_what_needs_no_service_is_whole_without_any(tmp_path: Path) -> None:
    async with (
        serving(surroundings(tmp_path)) as (_, address),
        httpx2.AsyncClient(trust_env=False, timeout=20) as client,
    ):
        for page in ("/styleguide", "/accessibilite", "/aide-clavier", "/palette?q=accueil"):
            answer = await client.get(f"{address}{page}", headers={"accept-language": "fr"})
            assert answer.status_code == 200, page
            assert "</html>" in answer.text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_told_to_stop_it_ends_in_order(tmp_path: Path, number: signal.Signals) -> None:
    async with serving(surroundings(tmp_path)) as (process, _):
        process.send_signal(number)
        assert await asyncio.wait_for(process.wait(), 60) == 0


async def test_a_port_in_use_is_one_line_and_an_exit_code(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        env = surroundings(tmp_path, PORTAL_LISTEN=f"127.0.0.1:{taken.getsockname()[1]}")
        process = await start(env)
        _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 78
    assert said.decode().count("\n") == 1
    assert "GROUPEMENT_PORTAL_LISTEN" in said.decode()


async def test_a_setting_that_is_missing_is_one_line_and_an_exit_code(tmp_path: Path) -> None:
    env = surroundings(tmp_path)
    del env["GROUPEMENT_ISSUER"]
    process = await start(env)
    _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 78
    assert said.decode().splitlines() == ["portal: GROUPEMENT_ISSUER: is not set"]


async def test_what_it_does_not_know_it_says(tmp_path: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "portal", "dance", env=surroundings(tmp_path), stderr=asyncio.subprocess.PIPE
    )
    _, said = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 2
    assert said.decode().startswith("usage: ")
