"""The clients the operator registered, read once from a TOML file."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from servicekit.origin import parse_spiffe
from servicekit.settings import SettingRefused

from shared_identity.oidc.domain import Client

_LOCAL = ("127.0.0.1", "localhost", "::1")
_SUBJECTS = ("public", "pairwise")


def read_clients(path: Path) -> Mapping[str, Client]:
    """The clients by id; raises SettingRefused with one line on what is wrong."""
    try:
        entries = tomllib.loads(path.read_text()).get("clients", [])
        clients = [_client(entry) for entry in entries]
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise SettingRefused(f"GROUPEMENT_CLIENTS_FILE: {path}: {type(error).__name__}: {error}") from None
    by_id = {client.client_id: client for client in clients}
    if len(by_id) != len(clients):
        raise SettingRefused(f"GROUPEMENT_CLIENTS_FILE: {path}: two clients have one id")
    return by_id


def _client(entry: Mapping[str, object]) -> Client:
    subject = str(entry.get("subject", "pairwise"))
    if subject not in _SUBJECTS:
        raise ValueError(f"subject is public or pairwise, not {subject}")
    tls_san = str(entry["tls_san"])
    if parse_spiffe(tls_san) is None:
        raise ValueError(f"tls_san is not one of our certificates: {tls_san}")
    return Client(
        client_id=str(entry["id"]),
        name=str(entry["name"]),
        redirect_uris=_addresses(entry["redirect_uris"]),
        post_logout_redirect_uris=_addresses(entry.get("post_logout_redirect_uris", [])),
        tls_san=tls_san,
        pairwise=subject == "pairwise",
    )


def _addresses(listed: object) -> tuple[str, ...]:
    if not isinstance(listed, list):
        raise TypeError("addresses are a list")
    return tuple(_address(str(address)) for address in listed)


def _address(address: str) -> str:
    """An absolute address without fragment, over TLS unless it stays on this machine (RFC 9700, §2.1)."""
    parts = urlsplit(address)
    local = parts.scheme == "http" and parts.hostname in _LOCAL
    if not (parts.scheme == "https" or local) or not parts.hostname or "#" in address:
        raise ValueError(f"not an address to send a browser to: {address}")
    return address
