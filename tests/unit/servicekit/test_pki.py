"""The local authority: what its certificates say and who can read its keys."""

import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from servicekit import pki
from servicekit.origin import Origin

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
COWORKING = Origin(structure="la-place", kind="coworking")


def names(path: Path) -> x509.SubjectAlternativeName:
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value


def test_a_certificate_names_its_instance_by_uri_and_by_dns_and_nothing_else(tmp_path: Path) -> None:
    pki.make_authority(tmp_path)
    found = names(pki.issue(tmp_path, COWORKING).cert)
    assert found.get_values_for_type(x509.UniformResourceIdentifier) == ["spiffe://groupement/coworking/la-place"]
    assert found.get_values_for_type(x509.DNSName) == ["coworking.la-place.groupement.internal"]
    assert found.get_values_for_type(x509.IPAddress) == []


def test_what_is_reached_by_address_may_carry_its_hosts(tmp_path: Path) -> None:
    pki.make_authority(tmp_path)
    nats = Origin(structure="groupement", kind="nats")
    found = names(pki.issue(tmp_path, nats, hosts=pki.LOCAL_HOSTS).cert)
    assert "localhost" in found.get_values_for_type(x509.DNSName)
    assert [str(ip) for ip in found.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]


def test_only_the_owner_can_read_what_was_written(tmp_path: Path) -> None:
    pki.make_authority(tmp_path)
    pki.issue(tmp_path, COWORKING)
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert set(modes.values()) == {0o600}
    assert set(modes) == {"ca.pem", "ca.key", "coworking@la-place.pem", "coworking@la-place.key"}


def test_making_the_authority_again_keeps_the_one_there_is(tmp_path: Path) -> None:
    first = pki.make_authority(tmp_path).read_bytes()
    assert pki.make_authority(tmp_path).read_bytes() == first


def test_a_certificate_is_signed_by_the_authority_for_both_ends_and_about_a_year(tmp_path: Path) -> None:
    pki.make_authority(tmp_path, now=NOW)
    tls = pki.issue(tmp_path, COWORKING, now=NOW)
    authority = x509.load_pem_x509_certificate(tls.ca.read_bytes())
    certificate = x509.load_pem_x509_certificate(tls.cert.read_bytes())
    certificate.verify_directly_issued_by(authority)
    assert isinstance(certificate.public_key(), ec.EllipticCurvePublicKey)
    assert certificate.not_valid_after_utc - NOW == timedelta(days=397)
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert {x509.OID_CLIENT_AUTH, x509.OID_SERVER_AUTH} == set(usage)
