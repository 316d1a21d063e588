"""`groupement up` from outside: it shows what it does, serves, stops cleanly, finds its data, refuses in words."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from ports import free_port

PATIENCE_SECONDS = 120


class Up:
    """One `groupement up`, as a person starts it."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        self.log = home.parent / f"up-{port}.txt"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "groupement_cli", "up"],
                env={**os.environ, "GROUPEMENT_HOME": str(home), "PORT": str(port)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def said(self) -> str:
        return self.log.read_text()

    def wait_ready(self) -> None:
        limit = time.monotonic() + PATIENCE_SECONDS
        while "ready; Ctrl-C" not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < limit, self.said()
            time.sleep(0.2)

    def stop(self) -> int:
        """Ctrl-C."""
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(PATIENCE_SECONDS)

    def pids(self) -> list[int]:
        return [process["pid"] for process in json.loads((self.home / "run.json").read_text())["processes"]]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up") / "home"


@pytest.fixture(scope="module")
def first(home: Path) -> Iterator[Up]:
    """A house brought up for the first time, left standing for the tests that look at it."""
    up = Up(home, free_port(side_by_side=2))
    up.wait_ready()
    yield up
    if up.process.poll() is None:
        up.stop()


def handle(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """`groupement ...` on a data directory."""
    return subprocess.run(
        [sys.executable, "-m", "groupement_cli", *arguments],
        env={**os.environ, "GROUPEMENT_HOME": str(home)}, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z"


def test_it_shows_its_steps_what_runs_where_and_the_demo_accounts(first: Up) -> None:
    said = first.said()
    for step in ("keys and certificates", "databases and demo", "bus", "services"):
        assert step in said
    for process in ("nats-server", "shared-identity@groupement", "coworking@la-ruche", "portal@groupement"):
        assert process in said
    passwords = json.loads((first.home / "accounts.json").read_text())
    assert all(address in said and password in said for address, password in passwords.items())
    assert (first.home / "accounts.json").stat().st_mode & 0o077 == 0


def test_the_portal_lives_and_serves(first: Up) -> None:
    for path in ("/healthz", "/readyz", "/"):
        with urllib.request.urlopen(f"http://127.0.0.1:{first.port}{path}", timeout=10) as answer:
            assert answer.status == 200


def test_status_and_doctor_find_it_well(first: Up) -> None:
    status = handle(first.home, "status", "--output", "json")
    assert status.returncode == 0, status.stdout + status.stderr
    assert {entry["state"] for entry in json.loads(status.stdout)} == {"serving"}
    limit = time.monotonic() + PATIENCE_SECONDS
    while (doctor := handle(first.home, "doctor")).returncode and time.monotonic() < limit:
        time.sleep(1)
    assert doctor.returncode == 0, doctor.stdout


def test_what_a_structure_says_can_be_listened_to(first: Up) -> None:
    tailed = handle(
        first.home, "facts", "tail", "--structure", "inter-made", "--since", "1h", "--no-follow", "--output", "json"
    )
    facts = [json.loads(line) for line in tailed.stdout.splitlines()]
    assert "inter-made.incubator.shared.membership.declared" in {fact["natsSubject"] for fact in facts}


def test_a_second_house_on_the_same_data_is_refused_in_one_line(first: Up) -> None:
    second = handle(first.home, "up", "--port", str(free_port()))
    assert second.returncode == 5
    assert len(second.stderr.strip().splitlines()) == 1
    assert "already running" in second.stderr


def test_a_port_in_use_is_refused_in_one_line_and_leaves_nothing(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = handle(tmp_path / "home", "up", "--port", str(other.getsockname()[1]))
    assert refused.returncode == 5
    assert "is in use" in refused.stderr.strip().splitlines()[-1]
    assert not (tmp_path / "home" / "run.json").exists()
    assert not list((tmp_path / "home").glob("*/database.sqlite3"))


def test_ctrl_c_stops_everything_and_the_data_is_found_again(first: Up) -> None:
    pids, passwords = first.pids(), (first.home / "accounts.json").read_bytes()
    assert first.stop() == 0
    assert all(gone(pid) for pid in pids)
    again = Up(first.home, first.port)
    again.wait_ready()
    pids = again.pids()
    assert (first.home / "accounts.json").read_bytes() == passwords
    again.process.kill()
    again.process.wait()
    limit = time.monotonic() + PATIENCE_SECONDS
    while not all(gone(pid) for pid in pids):
        assert time.monotonic() < limit, "a process outlived the hand that held it"
        time.sleep(0.2)
