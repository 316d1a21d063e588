"""The nats-server's configuration, written from the registry of structures and never by hand."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from servicekit.bus import permissions
from servicekit.bus.accounts import Account, Instance, Integration, Registry
from servicekit.bus.borders import Borders, heard_borders, integration_borders, own_borders, quoted
from servicekit.bus.permissions import Permissions

_MAX_MEMORY_STORE = 256 * 2**20


@dataclass(frozen=True, kw_only=True, slots=True)
class ServerTls:
    """The server's certificate, its key, and the authority that signed it."""

    certificate: Path
    key: Path
    authority: Path


@dataclass(frozen=True, kw_only=True, slots=True)
class Server:
    """Where one server listens and keeps its files. `max_file_store` is in bytes."""

    store: Path
    tls: ServerTls
    name: str = "groupement"
    host: str = "127.0.0.1"
    port: int = 4222
    pid_file: Path | None = None
    monitor_port: int | None = None
    max_file_store: int = 10 * 2**30


def render(server: Server, registry: Registry) -> str:
    """The whole configuration file; the same registry always gives the same text."""
    sections = (_listening(server), _storage(server, registry), _encryption(server.tls), _accounts(registry))
    lines = [line for section in sections for line in section]
    return "\n".join(("# Written from the registry of structures. Do not edit.", *lines, ""))


def _listening(server: Server) -> Iterator[str]:
    yield f"server_name: {quoted(server.name)}"
    yield f"listen: {quoted(f'{server.host}:{server.port}')}"
    if server.pid_file is not None:
        yield f"pid_file: {quoted(str(server.pid_file))}"
    if server.monitor_port is not None:
        yield f"http: {quoted(f'{server.host}:{server.monitor_port}')}"
    yield 'lame_duck_duration: "30s"'


def _storage(server: Server, registry: Registry) -> Iterator[str]:
    """`always` writes through to the disk before acknowledging: the default of two minutes loses facts."""
    yield "jetstream {"
    yield f"  store_dir: {quoted(str(server.store))}"
    yield "  sync_interval: always"
    yield f"  max_file_store: {server.max_file_store}"
    yield f"  max_memory_store: {_MAX_MEMORY_STORE}"
    if registry.domain is not None:
        yield f"  domain: {quoted(registry.domain)}"
    yield "}"
    yield "feature_flags { js_ack_fc_v2: true }"


def _encryption(tls: ServerTls) -> Iterator[str]:
    """Our clients speak TLS from the first byte, so nobody in between can talk them out of it; others wait a second."""
    yield "tls {"
    yield f"  cert_file: {quoted(str(tls.certificate))}"
    yield f"  key_file: {quoted(str(tls.key))}"
    yield f"  ca_file: {quoted(str(tls.authority))}"
    yield '  min_version: "1.3"'
    yield '  handshake_first: "1s"'
    yield "}"


def _accounts(registry: Registry) -> Iterator[str]:
    yield "accounts {"
    for account in registry.accounts():
        yield from _block(account.name, True, _users(account, registry.domain), own_borders(account, registry))
        yield from _block(account.heard, True, (), heard_borders(account, registry))
        for integration in account.integrations:
            allowed = permissions.of_integration(integration, account.structure)
            borders = integration_borders(account, integration)
            yield from _block(account.integration_name(integration), False, _user(integration, allowed), borders)
    yield "}"


def _block(name: str, jetstream: bool, users: Iterable[str], borders: Borders) -> Iterator[str]:
    yield f"  {name} {{"
    if jetstream:
        yield "    jetstream: enabled"
    yield "    users: ["
    yield from users
    yield "    ]"
    yield "    exports: ["
    yield from (f"      {line}" for line in borders.exports)
    yield "    ]"
    yield "    imports: ["
    yield from (f"      {line}" for line in borders.imports)
    yield "    ]"
    yield "  }"


def _users(account: Account, domain: str | None) -> Iterator[str]:
    yield f"      {{ nkey: {account.owner.nkey} }}  # {account.owner.name}"
    for instance in account.instances:
        yield from _user(instance, permissions.of_instance(instance, domain))


def _user(user: Instance | Integration, allowed: Permissions) -> Iterator[str]:
    yield f"      {{ nkey: {user.nkey}, permissions: {{  # {user.name}"
    yield f"        publish: {{ allow: {_list(allowed.publish)} }}"
    yield f"        subscribe: {{ allow: {_list(allowed.subscribe)} }}"
    yield "      } }"


def _list(subjects: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(quoted, subjects)) + "]"
