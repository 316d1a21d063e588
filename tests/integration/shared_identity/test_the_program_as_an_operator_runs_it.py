"""`python -m shared_identity`: its verbs, its exit codes, its one line when something is wrong."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import httpx2
import pytest
from identity import SHARED_IDENTITY
from identity_house import CLIENTS, certificate, free_port
from servicekit import pki
from shared_identity.__main__ import main

DEMO = Path(__file__).resolve().parents[3] / "deploy" / "demo"
PATIENCE = 60


@pytest.fixture
def surroundings(tmp_path: Path) -> dict[str, str]:
    """What the process is told."""
    pki.make_authority(tmp_path / "pki")
    tls = certificate(tmp_path, SHARED_IDENTITY)
    (tmp_path / "clients.toml").write_text(CLIENTS)
    http = free_port()
    return {
        "PATH": os.environ["PATH"],
        "GROUPEMENT_STRUCTURE": "groupement",
        "GROUPEMENT_DATABASE_URL": f"sqlite+aiosqlite:///{tmp_path / 'database.sqlite3'}",
        "GROUPEMENT_TLS_CA": str(tls.ca),
        "GROUPEMENT_TLS_CERT": str(tls.cert),
        "GROUPEMENT_TLS_KEY": str(tls.key),
        "GROUPEMENT_JWKS_FILE": str(tmp_path / "keys" / "jwks.json"),
        "GROUPEMENT_KEYS_DIR": str(tmp_path / "keys"),
        "GROUPEMENT_ISSUER": f"http://127.0.0.1:{http}",
        "GROUPEMENT_HTTP_LISTEN": f"127.0.0.1:{http}",
        "GROUPEMENT_PORTAL_URL": "http://127.0.0.1:9",
        "GROUPEMENT_CLIENTS_FILE": str(tmp_path / "clients.toml"),
        "GROUPEMENT_MAIL_FROM": "nous@demo.example",
        "GROUPEMENT_LOG_LEVEL": "WARNING",
    }


def run(surroundings: Mapping[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """One verb, to its end."""
    command = [sys.executable, "-m", "shared_identity", *arguments]
    return subprocess.run(
        command, env=dict(surroundings), capture_output=True, text=True, timeout=PATIENCE, check=False
    )


def test_an_installation_is_loaded_once_and_a_second_time_changes_nothing(
    surroundings: dict[str, str], tmp_path: Path
) -> None:
    passwords = tmp_path / "accounts.json"
    passwords.write_text(json.dumps({"nadia@demo.example": "une phrase bien longue"}))
    migrated, _, made = run(surroundings, "migrate").stdout.partition("; keys made: ")
    assert migrated.startswith("migrated: 0001_people, 0002_alliance, ")
    assert [key.partition("-")[0] for key in made.strip().split(", ")][:3] == ["sign", "card", "door"]
    assert run(surroundings, "migrate").stdout == "migrated: nothing to do; keys made: none\n"
    assert run(surroundings, "load", str(DEMO / "groupement.toml")).stdout == "loaded\n"
    demo = ("load", str(DEMO / "shared-identity.toml"), "--passwords", str(passwords))
    assert run(surroundings, *demo).stdout == "loaded\n"
    assert run(surroundings, *demo).stdout == "loaded: nothing new\n"
    assert run(surroundings, "keys").stdout == "keys made: none\n"
    assert run(surroundings, "keys", "--rotate").stdout.startswith("keys made: sign-")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("GROUPEMENT_ISSUER", "http://identity.example"),
        ("GROUPEMENT_ISSUER", "https://identity.example/"),
        ("GROUPEMENT_PORTAL_URL", "portal.example"),
        ("GROUPEMENT_SMTP", "mail.example:25"),
        ("GROUPEMENT_SMTP", "nowhere"),
        ("GROUPEMENT_MAIL_FROM", "nobody"),
        ("GROUPEMENT_CLIENTS_FILE", "/nowhere"),
        ("GROUPEMENT_KEYS_DIR", ""),
    ],
)
def test_a_setting_that_cannot_be_is_named_in_one_line(
    surroundings: dict[str, str],
    variable: str,
    value: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name, said in {**surroundings, variable: value}.items():
        monkeypatch.setenv(name, said)
    if not value:
        monkeypatch.delenv(variable)
    assert main(["serve"]) == 78
    said = capsys.readouterr().err
    assert variable in said and said.count("\n") == 1


def test_clients_that_cannot_be_keep_the_provider_from_serving(surroundings: dict[str, str], tmp_path: Path) -> None:
    run(surroundings, "keys")
    (tmp_path / "clients.toml").write_text("not toml")
    ended = run(surroundings, "serve")
    assert (ended.returncode, ended.stderr.count("\n")) == (78, 1)
    assert "GROUPEMENT_CLIENTS_FILE" in ended.stderr


def test_it_does_not_serve_without_keys_nor_where_another_listens(surroundings: dict[str, str]) -> None:
    ended = run(surroundings, "serve")
    assert ended.returncode == 78 and "GROUPEMENT_KEYS_DIR" in ended.stderr
    run(surroundings, "migrate")
    first = serve(surroundings)
    try:
        ended = run(surroundings, "serve")
        assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
        assert surroundings["GROUPEMENT_HTTP_LISTEN"] in ended.stderr
    finally:
        first.kill()
        first.wait(PATIENCE)


def test_a_file_that_cannot_be_loaded_is_refused_in_one_line(surroundings: dict[str, str], tmp_path: Path) -> None:
    run(surroundings, "migrate")
    for document, said in (("not toml", "FILE_UNREADABLE"), ('[[people]]\nid = "x"', "people[0].id")):
        (tmp_path / "wrong.toml").write_text(document)
        ended = run(surroundings, "load", str(tmp_path / "wrong.toml"))
        assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
        assert said in ended.stderr


def serve(surroundings: Mapping[str, str]) -> "subprocess.Popen[str]":
    """The process, once it says it is ready."""
    command = [sys.executable, "-m", "shared_identity", "serve"]
    process = subprocess.Popen(command, env=dict(surroundings), stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["ready"] is True
    return process


def test_it_serves_until_it_is_told_to_stop(surroundings: dict[str, str]) -> None:
    run(surroundings, "migrate")
    process = serve(surroundings)
    try:
        answer = httpx2.get(f"{surroundings['GROUPEMENT_ISSUER']}/.well-known/openid-configuration", trust_env=False)
        assert answer.json()["issuer"] == surroundings["GROUPEMENT_ISSUER"]
        process.send_signal(signal.SIGTERM)
        assert process.wait(PATIENCE) == 0
    finally:
        process.kill()
        process.wait(PATIENCE)
