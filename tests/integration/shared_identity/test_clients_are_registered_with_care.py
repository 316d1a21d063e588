"""The file of clients: what is wrong in it keeps the provider from starting, since a browser would pay for it."""

from pathlib import Path

import pytest
from identity_house import CALLBACK, CLIENTS, PORTAL
from servicekit.settings import SettingRefused
from shared_identity.oidc.clients import read_clients


def test_what_the_operator_wrote_is_what_the_provider_knows(tmp_path: Path) -> None:
    (tmp_path / "clients.toml").write_text(CLIENTS)
    clients = read_clients(tmp_path / "clients.toml")
    assert set(clients) == {"portal", "forum"}
    assert (clients["portal"].redirect_uris, clients["portal"].tls_san) == ((CALLBACK,), PORTAL.spiffe)
    assert not clients["portal"].pairwise


def test_a_client_that_says_nothing_of_it_knows_people_by_names_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "clients.toml").write_text(CLIENTS)
    assert read_clients(tmp_path / "clients.toml")["forum"].pairwise


@pytest.mark.parametrize(
    "clients",
    [
        "not toml",
        '[[clients]]\nid = "a"',
        'clients = "portal"',
        CLIENTS + CLIENTS,
        CLIENTS.replace("http://127.0.0.1:9/auth", "http://portal.example/auth"),
        CLIENTS.replace("http://127.0.0.1:9/auth", "/auth"),
        CLIENTS.replace("http://127.0.0.1:9/auth", "javascript:alert(1)//"),
        CLIENTS.replace("/auth/callback", "/auth/callback#here"),
        CLIENTS.replace(f'["{CALLBACK}"]', f'"{CALLBACK}"'),
        CLIENTS.replace("spiffe://groupement/portal/groupement", "CN=portal"),
        CLIENTS.replace('"public"', '"private"'),
    ],
)
def test_what_is_wrong_is_refused_in_one_line(tmp_path: Path, clients: str) -> None:
    (tmp_path / "clients.toml").write_text(clients)
    with pytest.raises(SettingRefused) as refused:
        read_clients(tmp_path / "clients.toml")
    assert "GROUPEMENT_CLIENTS_FILE" in str(refused.value) and "\n" not in str(refused.value)
