"""What the surroundings tell shared-identity, read once."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import PositiveInt
from servicekit.settings import Address, Environment, InstanceSettings, ReadableFile, SettingRefused, read

KIND = "shared-identity"
_LOCAL = ("127.0.0.1", "localhost", "[::1]")


class Variables(Environment):
    """The variables as they are written."""

    http_listen: Address = "127.0.0.1:0"
    mtls_listen: Address = "127.0.0.1:0"
    oidc_mtls_url: str = ""
    portal_url: str
    keys_dir: Path
    clients_file: ReadableFile
    smtp: Address = "127.0.0.1:1025"
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    smtp_user: str = ""
    smtp_password: str = ""
    mail_from: str
    hold_seconds: PositiveInt = 600
    offer_seconds: PositiveInt = 86_400
    change_seconds: PositiveInt = 300
    most_holds: PositiveInt = 20


@dataclass(frozen=True, kw_only=True)
class Relay:
    """The SMTP server that takes our mail."""

    host: str
    port: int
    security: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    password: str = ""
    timeout: float = 10.0


@dataclass(frozen=True, kw_only=True)
class Settings:
    """shared-identity's settings; `oidc_mtls_url` is "" when it follows from where it listens.

    A seat is kept `hold_seconds` while a form is filled, an offered one `offer_seconds`; a visitor keeps `most_holds`.
    People registered are told of another time or place of their event after `change_seconds`.
    """

    instance: InstanceSettings
    http_listen: str
    mtls_listen: str
    oidc_mtls_url: str
    portal_url: str
    keys_dir: Path
    clients_file: Path
    mail_from: str
    relay: Relay
    hold_seconds: int = 600
    offer_seconds: int = 86_400
    change_seconds: int = 300
    most_holds: int = 20


def settings() -> Settings:
    """The settings of this process; raises SettingRefused naming the variable at fault."""
    env = read(Variables)
    _check_address("GROUPEMENT_ISSUER", env.issuer)
    _check_address("GROUPEMENT_PORTAL_URL", env.portal_url)
    _check_sender(env.mail_from)
    return Settings(
        instance=InstanceSettings.of(KIND, env),
        http_listen=env.http_listen,
        mtls_listen=env.mtls_listen,
        oidc_mtls_url=env.oidc_mtls_url.rstrip("/"),
        portal_url=env.portal_url.rstrip("/"),
        keys_dir=env.keys_dir,
        clients_file=env.clients_file,
        mail_from=env.mail_from,
        relay=_relay(env),
        hold_seconds=env.hold_seconds,
        offer_seconds=env.offer_seconds,
        change_seconds=env.change_seconds,
        most_holds=env.most_holds,
    )


def _relay(env: Variables) -> Relay:
    host, _, port = env.smtp.rpartition(":")
    if env.smtp_security == "none" and host not in _LOCAL:
        raise SettingRefused("GROUPEMENT_SMTP_SECURITY: must be starttls or tls when mail leaves this machine")
    return Relay(
        host=host.strip("[]"),
        port=int(port),
        security=env.smtp_security,
        user=env.smtp_user,
        password=env.smtp_password,
    )


def _check_address(variable: str, address: str) -> None:
    """Addresses that people's browsers are sent to: TLS, unless they stay on this machine."""
    parts = urlsplit(address)
    local = parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not (parts.scheme == "https" or local) or not parts.hostname or parts.query or parts.fragment:
        raise SettingRefused(f"{variable}: must begin with https://, or stay on this machine")
    if variable == "GROUPEMENT_ISSUER" and address.endswith("/"):
        raise SettingRefused(f"{variable}: must not end with a slash")


def _check_sender(sender: str) -> None:
    if "@" not in sender or "\n" in sender:
        raise SettingRefused("GROUPEMENT_MAIL_FROM: must be an e-mail address")
