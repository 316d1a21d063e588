"""Who is at the other end is what a certificate of our authority says, and nothing else."""

from datetime import timedelta
from pathlib import Path

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from greeting import Greetings, House, pb, pb_grpc
from servicekit import pki
from servicekit.clock import utc_now
from servicekit.origin import Origin
from servicekit.refusals import Denied, Unavailable
from servicekit.rpc.server import Server

TARGET = "coworking@la-place"
PORTAL = Origin(structure="la-place", kind="portal")
HELLO = pb.GreetRequest(wish="hello")


@pytest.fixture
async def server(house: House, greetings: Greetings) -> Server:
    return await house.serve(TARGET, greetings)


async def greet_with(server: Server, credentials: grpc.ChannelCredentials | None) -> object:
    """Greet over a channel that is none of ours."""
    options = [("grpc.ssl_target_name_override", Origin.parse(TARGET).dns)]
    made = (
        grpc.aio.insecure_channel(server.address)
        if credentials is None
        else grpc.aio.secure_channel(server.address, credentials, options=options)
    )
    async with made as channel:
        return await pb_grpc.GreetingServiceStub(channel).Greet(HELLO, timeout=5)


def certificate(directory: Path, name: str, names: list[x509.GeneralName]) -> pki.Tls:
    """A certificate our authority might be talked into signing: these names, that common name."""
    authority = x509.load_pem_x509_certificate((directory / "ca.pem").read_bytes())
    signer = serialization.load_pem_private_key((directory / "ca.key").read_bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(authority.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(utc_now() - timedelta(minutes=1))
        .not_valid_after(utc_now() + timedelta(days=1))
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    tls = pki.Tls(ca=directory / "ca.pem", cert=directory / "odd.pem", key=directory / "odd.key")
    tls.cert.write_bytes(builder.sign(signer, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    tls.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return tls


def credentials(tls: pki.Tls) -> grpc.ChannelCredentials:
    return grpc.ssl_channel_credentials(tls.ca.read_bytes(), tls.key.read_bytes(), tls.cert.read_bytes())


async def test_our_certificate_gets_in(house: House, server: Server) -> None:
    assert await greet_with(server, credentials(house.tls(PORTAL.instance))) is not None


async def test_a_peer_without_a_certificate_is_refused(house: House, server: Server) -> None:
    anonymous = grpc.ssl_channel_credentials((house.directory / "ca.pem").read_bytes())
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await greet_with(server, anonymous)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_peer_in_plain_text_is_refused(server: Server) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await greet_with(server, None)
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


async def test_a_certificate_of_another_authority_is_refused(house: House, server: Server, tmp_path: Path) -> None:
    other = tmp_path / "other"
    pki.make_authority(other)
    forged = pki.issue(other, PORTAL)
    ours = (house.directory / "ca.pem").read_bytes()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await greet_with(server, grpc.ssl_channel_credentials(ours, forged.key.read_bytes(), forged.cert.read_bytes()))
    assert refused.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize(
    "names",
    [
        [],
        [x509.DNSName(PORTAL.dns)],
        [x509.UniformResourceIdentifier(PORTAL.spiffe)],
        [x509.UniformResourceIdentifier(PORTAL.spiffe), x509.DNSName("portal.la-fabrique.groupement.internal")],
        [
            x509.UniformResourceIdentifier(PORTAL.spiffe),
            x509.UniformResourceIdentifier("spiffe://groupement/operator/la-place"),
            x509.DNSName(PORTAL.dns),
        ],
        [x509.UniformResourceIdentifier("spiffe://elsewhere/portal/la-place"), x509.DNSName(PORTAL.dns)],
    ],
    ids=["common name alone", "dns alone", "uri alone", "uri and dns at odds", "two uris", "another trust domain"],
)
async def test_a_certificate_that_does_not_name_one_instance_is_refused(
    house: House, server: Server, names: list[x509.GeneralName]
) -> None:
    odd = certificate(house.directory, PORTAL.spiffe, names)
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await greet_with(server, credentials(odd))
    assert refused.value.code() is grpc.StatusCode.PERMISSION_DENIED
    assert refused.value.details() == "The certificate does not name one of the groupement's instances."


async def test_a_peer_of_another_structure_is_refused(house: House, server: Server) -> None:
    with pytest.raises(Denied) as refused:
        await house.stub("portal@la-fabrique", server, TARGET).Greet(HELLO)
    assert refused.value.reason == "PEER_OF_ANOTHER_STRUCTURE"


async def test_the_groupements_own_services_and_those_of_the_structure_get_in(house: House, server: Server) -> None:
    for caller in ("portal@groupement", "portal@la-place", "coworking@la-place"):
        seen = await house.stub(caller, server, TARGET).Greet(HELLO)
        assert (seen.peer, seen.acting_for) == tuple(caller.split("@"))


async def test_every_structure_may_call_the_groupement(house: House, greetings: Greetings) -> None:
    server = await house.serve("shared-identity@groupement", greetings)
    for caller in ("coworking@la-fabrique", "coworking@la-place"):
        seen = await house.stub(caller, server, "shared-identity@groupement").Greet(HELLO)
        assert seen.acting_for == caller.split("@")[1]


async def test_a_client_does_not_talk_to_an_instance_it_did_not_ask_for(house: House, server: Server) -> None:
    with pytest.raises(Unavailable):
        await house.stub("portal@la-place", server, "coworking@la-fabrique").Greet(HELLO, timeout=2)
