"""What runs: each process with its arguments and its surroundings."""

import os
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

from servicekit import pki
from servicekit.bus.binary import ServerMissing, find_server
from servicekit.origin import Origin

from groupement_cli.addresses import Addresses
from groupement_cli.exits import MISSING, Trouble
from groupement_cli.home import Home
from groupement_cli.registry import MODULES, PORTAL, SHARED_IDENTITY, Registry

BUS = "nats-server"
MAIL = "mail-catcher"
_TIMES = (
    "GROUPEMENT_HOLD_SECONDS",
    "GROUPEMENT_OFFER_SECONDS",
    "GROUPEMENT_MOST_HOLDS",
    "GROUPEMENT_CHANGE_SECONDS",
)
"""How long shared-identity keeps a seat for a form, or for who was offered it; how many one visitor may keep; when
people are told of a change."""
_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "HOME", "TMPDIR", "GROUPEMENT_LOG_LEVEL")


@dataclass(frozen=True, kw_only=True)
class Process:
    """One process. `address` is where it listens; `ready` says how one knows that it serves."""

    name: str
    argv: tuple[str, ...]
    env: Mapping[str, str]
    address: str
    says_ready: bool = True


def processes(home: Home, registry: Registry, addresses: Addresses) -> tuple[Process, ...]:
    """Every process of the house, in the order in which they start."""
    services = [service(home, addresses, origin) for origin in registry.instances]
    front = [portal(home, registry, addresses)] if registry.portal else []
    return (bus_server(home, addresses), mail_catcher(home, addresses), *services, *front)


def bus_server(home: Home, addresses: Addresses) -> Process:
    """The broker; a Trouble when none recent enough is installed."""
    try:
        binary = find_server()
    except ServerMissing as missing:
        raise Trouble(str(missing), code=MISSING) from None
    argv = (str(binary), "--config", str(home.nats_config))
    return Process(name=BUS, argv=argv, env=_base(), address=addresses.bus, says_ready=False)


def mail_catcher(home: Home, addresses: Addresses) -> Process:
    """The catcher that keeps, in files, what would have been mailed."""
    argv = (sys.executable, "-m", "groupement_cli.mail_catcher", addresses.smtp, str(home.mail))
    return Process(name=MAIL, argv=argv, env=_base(), address=addresses.smtp, says_ready=False)


def service(home: Home, addresses: Addresses, origin: Origin) -> Process:
    """One instance of a service."""
    env = instance_env(home, addresses, origin)
    argv = (sys.executable, "-m", MODULES[origin.kind], "serve")
    return Process(name=origin.instance, argv=argv, env=env, address=addresses.instances[origin])


def portal(home: Home, registry: Registry, addresses: Addresses) -> Process:
    """The portal of the whole groupement."""
    instances = ",".join(f"{origin.instance}={addresses.instances[origin]}" for origin in registry.instances)
    env = {
        **_tls_env(home, PORTAL),
        "GROUPEMENT_PORTAL_LISTEN": addresses.portal,
        "GROUPEMENT_PORTAL_URL": addresses.portal_url,
        "GROUPEMENT_ISSUER": addresses.issuer,
        "GROUPEMENT_OIDC_MTLS_URL": f"https://{addresses.provider_mtls}",
        "GROUPEMENT_INSTANCES": instances,
        "GROUPEMENT_JWKS_FILE": str(home.jwks),
        "GROUPEMENT_COOKIE_KEY_FILE": str(home.cookie_key),
    }
    argv = (sys.executable, "-m", "portal", "serve")
    return Process(name=PORTAL.instance, argv=argv, env=_base() | env, address=addresses.portal)


def instance_env(home: Home, addresses: Addresses, origin: Origin) -> dict[str, str]:
    """The surroundings of an instance, for `serve` as for its other verbs."""
    provider = _provider_env(home, addresses) if origin == SHARED_IDENTITY else {}
    return {
        **_base(),
        **_tls_env(home, origin),
        **provider,
        "GROUPEMENT_STRUCTURE": origin.structure,
        "GROUPEMENT_DATABASE_URL": database_url(home, origin),
        "GROUPEMENT_LISTEN": addresses.instances[origin],
        "GROUPEMENT_METRICS_LISTEN": addresses.metrics[origin],
        "GROUPEMENT_BUS_URL": f"tls://{addresses.bus}",
        "GROUPEMENT_BUS_SEED_FILE": str(home.seed(origin.structure, origin.instance)),
        "GROUPEMENT_JWKS_FILE": str(home.jwks),
        "GROUPEMENT_ISSUER": addresses.issuer,
        "GROUPEMENT_SHARED_IDENTITY_ADDRESS": addresses.instances[SHARED_IDENTITY],
    }


def python() -> str:
    """The interpreter that runs us, and so every service."""
    return sys.executable


def database_url(home: Home, origin: Origin) -> str:
    """Where an instance keeps its data: what `databases.toml` says, else a file of its own in the data directory."""
    if home.databases.exists():
        urls = tomllib.loads(home.databases.read_text()).get("databases", {})
        if origin.instance in urls:
            return str(urls[origin.instance])
    return f"sqlite+aiosqlite:///{home.database(origin)}"


def _provider_env(home: Home, addresses: Addresses) -> dict[str, str]:
    return {
        "GROUPEMENT_HTTP_LISTEN": addresses.provider,
        "GROUPEMENT_MTLS_LISTEN": addresses.provider_mtls,
        "GROUPEMENT_PORTAL_URL": addresses.portal_url,
        "GROUPEMENT_KEYS_DIR": str(home.keys),
        "GROUPEMENT_CLIENTS_FILE": str(home.clients),
        "GROUPEMENT_SMTP": os.environ.get("GROUPEMENT_SMTP", addresses.smtp),
        "GROUPEMENT_MAIL_FROM": os.environ.get("GROUPEMENT_MAIL_FROM", "groupement@demo.example"),
        **{name: os.environ[name] for name in _TIMES if name in os.environ},
    }


def _tls_env(home: Home, origin: Origin) -> dict[str, str]:
    tls = pki.Tls.of(home.pki, origin)
    return {
        "GROUPEMENT_TLS_CA": str(tls.ca),
        "GROUPEMENT_TLS_CERT": str(tls.cert),
        "GROUPEMENT_TLS_KEY": str(tls.key),
    }


def _base() -> dict[str, str]:
    """What a process needs of the surroundings it was started from, and nothing else."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {**kept, "PYTHONUNBUFFERED": "1", "GRPC_VERBOSITY": "NONE"}
