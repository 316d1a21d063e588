"""The nats-server's configuration, written from the registry of structures and never by hand."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from servicekit.bus import permissions
from servicekit.bus.accounts import Account, Instance, Integration, Registry, Valve, account_name
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
    yield f"server_name: {_quoted(server.name)}"
    yield f"listen: {_quoted(f'{server.host}:{server.port}')}"
    if server.pid_file is not None:
        yield f"pid_file: {_quoted(str(server.pid_file))}"
    if server.monitor_port is not None:
        yield f"http: {_quoted(f'{server.host}:{server.monitor_port}')}"
    yield 'lame_duck_duration: "30s"'


def _storage(server: Server, registry: Registry) -> Iterator[str]:
    """`always` writes through to the disk before acknowledging: the default of two minutes loses facts."""
    yield "jetstream {"
    yield f"  store_dir: {_quoted(str(server.store))}"
    yield "  sync_interval: always"
    yield f"  max_file_store: {server.max_file_store}"
    yield f"  max_memory_store: {_MAX_MEMORY_STORE}"
    if registry.domain is not None:
        yield f"  domain: {_quoted(registry.domain)}"
    yield "}"
    yield "feature_flags { js_ack_fc_v2: true }"


def _encryption(tls: ServerTls) -> Iterator[str]:
    """Our clients speak TLS from the first byte, so nobody in between can talk them out of it; others wait a second."""
    yield "tls {"
    yield f"  cert_file: {_quoted(str(tls.certificate))}"
    yield f"  key_file: {_quoted(str(tls.key))}"
    yield f"  ca_file: {_quoted(str(tls.authority))}"
    yield '  min_version: "1.3"'
    yield '  handshake_first: "1s"'
    yield "}"


def _accounts(registry: Registry) -> Iterator[str]:
    yield "accounts {"
    for account in registry.accounts():
        yield f"  {account.name} {{"
        yield "    jetstream: enabled"
        yield from _users(account, registry.domain)
        yield from _borders(account, registry)
        yield "  }"
    yield "}"


def _users(account: Account, domain: str | None) -> Iterator[str]:
    yield "    users: ["
    yield f"      {{ nkey: {account.owner.nkey} }}  # {account.owner.name}"
    for instance in account.instances:
        yield from _user(instance, permissions.of_instance(instance, domain))
    for integration in account.integrations:
        yield from _user(integration, permissions.of_integration(integration, account.structure, domain))
    yield "    ]"


def _user(user: Instance | Integration, allowed: Permissions) -> Iterator[str]:
    yield f"      {{ nkey: {user.nkey}, permissions: {{  # {user.name}"
    yield f"        publish: {{ allow: {_list(allowed.publish)} }}"
    yield f"        subscribe: {{ allow: {_list(allowed.subscribe)} }}"
    yield "      } }"


def _borders(account: Account, registry: Registry) -> Iterator[str]:
    """Three subjects a valve, and nothing else: resume, delivery, flow control."""
    valves = tuple(registry.valves())
    yield "    exports: ["
    for valve in valves:
        if valve.owner == account.structure:
            yield from _exports(valve)
    yield "    ]"
    yield "    imports: ["
    for valve in valves:
        if valve.importer == account.structure:
            yield from _imports(valve)
    yield "    ]"


def _exports(valve: Valve) -> Iterator[str]:
    importer = f"accounts: [{account_name(valve.importer)}]"
    yield f"      {{ service: {_quoted(valve.reset)}, response_type: stream, {importer} }}"
    yield f"      {{ stream: {_quoted(valve.deliver_subject)}, {importer} }}"
    yield f"      {{ service: {_quoted(valve.flow_control)}, {importer} }}"


def _imports(valve: Valve) -> Iterator[str]:
    owner = f"account: {account_name(valve.owner)}, subject:"
    yield f"      {{ service: {{ {owner} {_quoted(valve.reset)} }}, to: {_quoted(valve.imported_reset)} }}"
    yield f"      {{ stream: {{ {owner} {_quoted(valve.deliver_subject)} }} }}"
    yield f"      {{ service: {{ {owner} {_quoted(valve.flow_control)} }} }}"


def _list(subjects: tuple[str, ...]) -> str:
    return "[" + ", ".join(map(_quoted, subjects)) + "]"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
