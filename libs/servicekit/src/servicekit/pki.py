"""The local authority: certificates by which our processes know one another.

A certificate names its instance twice: by URI SAN (`spiffe://groupement/<kind>/<structure>`), which is its identity,
and by DNS SAN, which clients pin. Keys are ECDSA P-256, files 0600.
"""

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from servicekit.clock import utc_now
from servicekit.origin import Origin

LOCAL_HOSTS = ("localhost", "127.0.0.1", "::1")
"""Hosts to add to the certificate of what is reached by address: nats-server, a web front."""

_AUTHORITY_LIFE = timedelta(days=3650)
_CERTIFICATE_LIFE = timedelta(days=397)
_CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Where one instance keeps its certificate, its key and the authority it trusts (PEM files)."""

    ca: Path
    cert: Path
    key: Path

    @classmethod
    def of(cls, directory: Path, origin: Origin) -> "Tls":
        """The files `issue` writes for that instance."""
        stem = directory / origin.instance
        return cls(ca=directory / "ca.pem", cert=Path(f"{stem}.pem"), key=Path(f"{stem}.key"))


def make_authority(directory: Path, *, now: datetime | None = None) -> Path:
    """Make `ca.pem` and `ca.key` in `directory` unless they are there; gives the path of `ca.pem`."""
    cert_path, key_path = directory / "ca.pem", directory / "ca.key"
    if cert_path.exists() and key_path.exists():
        return cert_path
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "groupement local authority")])
    builder = _builder(name, name, key, now or utc_now(), _AUTHORITY_LIFE)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    builder = builder.add_extension(_usage(authority=True), critical=True)
    directory.mkdir(parents=True, exist_ok=True)
    _write(key_path, _pem(key))
    _write(cert_path, builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return cert_path


def issue(directory: Path, origin: Origin, *, hosts: Sequence[str] = (), now: datetime | None = None) -> Tls:
    """Make a key and a certificate for an instance, signed by the authority kept in `directory`.

    `hosts` are further names or addresses it may be reached by; an instance called through `servicekit.rpc` needs
    none. What was there is replaced.
    """
    authority = x509.load_pem_x509_certificate((directory / "ca.pem").read_bytes())
    signer = serialization.load_pem_private_key((directory / "ca.key").read_bytes(), password=None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError("the authority's key is not an elliptic curve key")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, origin.instance)])
    builder = _builder(subject, authority.subject, key, now or utc_now(), _CERTIFICATE_LIFE)
    for extension, critical in _leaf_extensions(origin, hosts, authority):
        builder = builder.add_extension(extension, critical=critical)
    tls = Tls.of(directory, origin)
    _write(tls.key, _pem(key))
    _write(tls.cert, builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return tls


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _leaf_extensions(
    origin: Origin, hosts: Sequence[str], authority: x509.Certificate
) -> list[tuple[x509.ExtensionType, bool]]:
    names = [x509.UniformResourceIdentifier(origin.spiffe), x509.DNSName(origin.dns), *map(_host, hosts)]
    both_ways = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    signer = authority.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return [
        (x509.SubjectAlternativeName(names), False),
        (x509.BasicConstraints(ca=False, path_length=None), True),
        (_usage(authority=False), True),
        (x509.ExtendedKeyUsage(both_ways), False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(signer), False),
    ]


def _host(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes) -> None:
    """Replace a file at once, readable by its owner only."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    fresh.replace(path)
