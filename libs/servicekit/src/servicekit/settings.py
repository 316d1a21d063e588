"""What the surroundings tell an instance: environment variables `GROUPEMENT_*`, read once into a frozen value.

Any of them may come from a file instead, as secrets should: `GROUPEMENT_DATABASE_URL_FILE=/run/secrets/database`.
"""

import os
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from servicekit.origin import Origin
from servicekit.pki import Tls

PREFIX = "GROUPEMENT_"
_ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]+):(\d{1,5})")
_LARGEST_PORT = 65_535


class SettingRefused(Exception):
    """A setting is missing or wrong; the message is one line that names the variable."""


def _address(text: str) -> str:
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match.group(2)) > _LARGEST_PORT:
        raise ValueError("must be host:port")
    return text


def _readable(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("must be a file that exists")
    return path


def _database_url(url: str) -> str:
    if not url.startswith(("sqlite+aiosqlite:///", "postgresql+asyncpg://")):
        raise ValueError("must begin with sqlite+aiosqlite:/// or postgresql+asyncpg://")
    return url


Address = Annotated[str, AfterValidator(_address)]
ReadableFile = Annotated[Path, AfterValidator(_readable)]
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]


class Environment(BaseSettings):
    """The variables as they are written; a service subclasses it to add its own, under the same prefix."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True)

    structure: str
    database_url: DatabaseUrl
    tls_ca: ReadableFile
    tls_cert: ReadableFile
    tls_key: ReadableFile
    jwks_file: Path
    issuer: str
    listen: Address = "127.0.0.1:0"
    metrics_listen: Address = "127.0.0.1:0"
    bus_url: str = ""
    bus_seed_file: Path | None = None
    shared_identity_address: str = ""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


@dataclass(frozen=True, kw_only=True)
class InstanceSettings:
    """One instance's settings."""

    origin: Origin
    tls: Tls
    database_url: str
    listen: str
    metrics_listen: str
    bus_url: str
    bus_seed_file: Path | None
    jwks_file: Path
    issuer: str
    shared_identity_address: str
    log_level: str

    @classmethod
    def read(cls, kind: str) -> "InstanceSettings":
        """The settings of an instance of that kind; raises SettingRefused naming the variable at fault."""
        return cls.of(kind, read(Environment))

    @classmethod
    def of(cls, kind: str, env: Environment) -> "InstanceSettings":
        """The settings out of variables already read, a subclass's included."""
        try:
            origin = Origin(structure=env.structure, kind=kind)
        except ValueError as error:
            raise SettingRefused(f"{PREFIX}STRUCTURE: {error}") from error
        if env.bus_url and env.bus_seed_file is None:
            raise SettingRefused(f"{PREFIX}BUS_SEED_FILE: is needed with {PREFIX}BUS_URL")
        return cls(
            origin=origin,
            tls=Tls(ca=env.tls_ca, cert=env.tls_cert, key=env.tls_key),
            database_url=env.database_url,
            listen=env.listen,
            metrics_listen=env.metrics_listen,
            bus_url=env.bus_url,
            bus_seed_file=env.bus_seed_file,
            jwks_file=env.jwks_file,
            issuer=env.issuer,
            shared_identity_address=env.shared_identity_address,
            log_level=env.log_level,
        )


Variables = TypeVar("Variables", bound=BaseSettings)


def read(kind: type[Variables]) -> Variables:
    """Variables of that shape out of the environment; raises SettingRefused with one line on what is wrong."""
    files: Any = _from_files(kind.model_fields)
    try:
        return kind(**files)
    except ValidationError as error:
        raise SettingRefused(_line(error)) from None


def _from_files(names: Collection[str]) -> dict[str, str]:
    contents: dict[str, str] = {}
    for name in names:
        variable = f"{PREFIX}{name.upper()}_FILE"
        if variable in os.environ and f"{name}_file" not in names:
            try:
                contents[name] = Path(os.environ[variable]).read_text().strip()
            except (OSError, ValueError) as error:
                raise SettingRefused(f"{variable}: cannot be read ({type(error).__name__})") from None
    return contents


def _line(error: ValidationError) -> str:
    """What is wrong, one variable after the other, values left out: they may be secret."""
    return "; ".join(
        f"{PREFIX}{str(fault['loc'][0]).upper() if fault['loc'] else '*'}: {_sentence(fault['type'], fault['msg'])}"
        for fault in error.errors(include_input=False, include_url=False)
    )


def _sentence(kind: str, message: str) -> str:
    return "is not set" if kind == "missing" else message.removeprefix("Value error, ")
