"""What the surroundings tell the portal, read once."""

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic_settings import BaseSettings, SettingsConfigDict
from servicekit.origin import GROUPEMENT, Origin
from servicekit.pki import Tls
from servicekit.settings import PREFIX, Address, ReadableFile, SettingRefused, read

IDENTITY = Origin(structure=GROUPEMENT, kind="shared-identity")
_KEY_BYTES = 32


class _Environment(BaseSettings):
    """The variables as they are written."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True)

    portal_url: str
    issuer: str
    oidc_mtls_url: str
    instances: str
    tls_ca: ReadableFile
    tls_cert: ReadableFile
    tls_key: ReadableFile
    cookie_key_file: ReadableFile
    portal_listen: Address = "127.0.0.1:8000"
    portal_client_id: str = "portal"
    portal_proxies: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The portal's settings; addresses carry no slash at their end."""

    listen: str
    url: str
    issuer: str
    oidc_mtls_url: str
    client_id: str
    instances: dict[Origin, str]
    tls: Tls
    cookie_key: bytes
    log_level: str
    proxies: tuple[str, ...] = ()
    """The proxies before the portal, whose word on where a visitor comes from is taken (X-Forwarded-For)."""

    @property
    def secure(self) -> bool:
        """Whether browsers reach the portal over https."""
        return self.url.startswith("https://")

    @property
    def structures(self) -> tuple[str, ...]:
        """The structures whose services this portal can reach, in the order they are named."""
        return tuple(dict.fromkeys(origin.structure for origin in self.instances if origin.structure != GROUPEMENT))


def read_settings() -> Settings:
    """The settings out of the environment; raises SettingRefused naming the variable at fault."""
    env = read(_Environment)
    return Settings(
        listen=env.portal_listen,
        url=_web_address("PORTAL_URL", env.portal_url),
        issuer=_web_address("ISSUER", env.issuer),
        oidc_mtls_url=_web_address("OIDC_MTLS_URL", env.oidc_mtls_url),
        client_id=env.portal_client_id,
        instances=_instances(env.instances),
        tls=Tls(ca=env.tls_ca, cert=env.tls_cert, key=env.tls_key),
        cookie_key=_cookie_key(env.cookie_key_file),
        log_level=env.log_level,
        proxies=tuple(filter(None, (address.strip() for address in env.portal_proxies.split(",")))),
    )


def _web_address(variable: str, text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise SettingRefused(f"{PREFIX}{variable}: must be an address beginning with http:// or https://")
    return text.rstrip("/")


def _instances(text: str) -> dict[Origin, str]:
    """`kind@structure=host:port`, separated by commas."""
    instances: dict[Origin, str] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, equals, address = part.partition("=")
        try:
            origin = Origin.parse(name)
        except ValueError:
            origin = None
        if origin is None or not equals or not address:
            raise SettingRefused(f"{PREFIX}INSTANCES: must be kind@structure=host:port, separated by commas")
        instances[origin] = address
    if IDENTITY not in instances:
        raise SettingRefused(f"{PREFIX}INSTANCES: must name {IDENTITY.instance}")
    return instances


def _cookie_key(path: Path) -> bytes:
    try:
        key = base64.b64decode(path.read_bytes().strip(), validate=True)
    except (OSError, binascii.Error):
        key = b""
    if len(key) != _KEY_BYTES:
        raise SettingRefused(f"{PREFIX}COOKIE_KEY_FILE: must hold {_KEY_BYTES} bytes in base64")
    return key
