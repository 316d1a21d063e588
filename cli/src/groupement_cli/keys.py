"""Keys and certificates: made once, at the first start, and never overwritten."""

import base64
import secrets
import string
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from servicekit import pki
from servicekit.bus.keys import make_key
from servicekit.clock import utc_now
from servicekit.origin import GROUPEMENT, Origin

from groupement_cli.home import Home, write_private
from groupement_cli.registry import PORTAL, Registry

NATS = Origin(structure=GROUPEMENT, kind="nats")
OPERATOR = Origin(structure=GROUPEMENT, kind="operator")
OWNER = "owner"
RENEW_BEFORE = timedelta(days=30)
_ALPHABET = "".join(sorted(set(string.ascii_lowercase + string.digits) - set("il1o0")))
_PASSWORD_GROUPS = 4


def make_keys(home: Home, registry: Registry) -> None:
    """Make what is missing: the authority, each instance's certificate, each user's seed, the portal's cookie key."""
    home.pki.mkdir(parents=True, exist_ok=True, mode=0o750)
    pki.make_authority(home.pki)
    for origin in (*registry.instances, PORTAL, OPERATOR, *doors(registry)):
        _certificate(home, origin)
    _certificate(home, NATS, hosts=pki.LOCAL_HOSTS)
    for structure in registry.accounts():
        make_key(home.seed(structure, OWNER))
        for origin in registry.of(structure):
            make_key(home.seed(structure, origin.instance))
    if not home.cookie_key.exists():
        write_private(home.cookie_key, base64.b64encode(secrets.token_bytes(32)))


def doors(registry: Registry) -> tuple[Origin, ...]:
    """One door device for each structure that runs a coworking."""
    owners = {origin.structure for origin in registry.instances if origin.kind == "coworking"}
    return tuple(Origin(structure=structure, kind="door") for structure in sorted(owners))


def make_password() -> str:
    """Twenty characters easy to type, of about 98 bits."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(5)) for _ in range(_PASSWORD_GROUPS))
    return "-".join(groups)


def _certificate(home: Home, origin: Origin, *, hosts: tuple[str, ...] = ()) -> None:
    """A certificate for an instance; one that is about to expire is made anew."""
    tls = pki.Tls.of(home.pki, origin)
    if not (tls.cert.exists() and tls.key.exists() and expires_at(tls.cert) - utc_now() > RENEW_BEFORE):
        pki.issue(home.pki, origin, hosts=hosts)


def expires_at(certificate: Path) -> datetime:
    """The instant at which a certificate (PEM file) stops being valid."""
    return x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
