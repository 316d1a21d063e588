"""A running shared-identity for tests: its gRPC door, both its HTTP doors, a real mail server, and a portal's keys."""

import asyncio
import base64
import email
import email.policy
import hashlib
import re
import secrets
import ssl
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from groupement.shared_identity.v1 import person_service_pb2_grpc, sign_in_service_pb2, sign_in_service_pb2_grpc
from identity import SHARED_IDENTITY
from ports import free_port
from servicekit import pki
from servicekit.origin import GROUPEMENT, Origin
from servicekit.rpc import channels
from servicekit.settings import InstanceSettings
from servicekit.sql import Database
from shared_identity import alliance, keys
from shared_identity.assembly import instance
from shared_identity.config import Relay, Settings
from stored import Hands

PORTAL = Origin(structure=GROUPEMENT, kind="portal")
FORUM = Origin(structure="la-ruche", kind="forum")
PORTAL_URL = "http://127.0.0.1:9"
CALLBACK = f"{PORTAL_URL}/auth/callback"
FORUM_BACK = "https://forum.example/back?from=here"
CLIENTS = f"""
[[clients]]
id = "portal"
name = "Portail"
redirect_uris = ["{CALLBACK}"]
post_logout_redirect_uris = ["{PORTAL_URL}/"]
tls_san = "{PORTAL.spiffe}"
subject = "public"

[[clients]]
id = "forum"
name = "Forum"
redirect_uris = ["{FORUM_BACK}"]
tls_san = "{FORUM.spiffe}"
"""
ALLIANCE: Mapping[str, Any] = {
    "groupement": {"name": "Le groupement", "signature": "ensemble"},
    "structures": [
        {"slug": slug, "name": slug, "legal_form": "association", "vat_status": "OUT_OF_SCOPE", "brand_hue": 30}
        | {"data_contact": f"donnees@{slug}.example", "start_date": "2021-11-01"}
        for slug in ("inter-made", "la-ruche")
    ],
}
_PATIENCE = 60.0
_LINK = re.compile(r"https?://\S+")


class Mails:
    """A mail server that keeps what it gets; while `refusing`, it wants none."""

    def __init__(self) -> None:
        self.got: list[EmailMessage] = []
        self.asked: list[str] = []
        self.refusing = False

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        """Knows everybody but who left."""
        self.asked.append(address)
        if address.startswith("gone"):
            return "550 nobody has this address"
        envelope.rcpt_tos.append(address)
        return "250 known"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Takes a mail in."""
        if self.refusing:
            return "451 not now"
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        mail = email.message_from_bytes(content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.got.append(mail)
        return "250 taken"

    async def to(self, address: str, nth: int = 1) -> EmailMessage:
        """The nth mail to an address, waited for."""
        async with asyncio.timeout(_PATIENCE):
            while True:
                theirs = [mail for mail in self.got if mail["To"] == address]
                if len(theirs) >= nth:
                    return theirs[nth - 1]
                await asyncio.sleep(0.02)


def link_in(mail: EmailMessage) -> str:
    """The link a mail's text holds."""
    body = mail.get_body(("plain",))
    assert body is not None
    found = _LINK.search(str(body.get_content()))
    assert found is not None
    return found.group()


def code_in(mail: EmailMessage) -> str:
    """The code in a mail's link."""
    return query_of(link_in(mail))["code"]


def query_of(address: str) -> dict[str, str]:
    """The parameters of an address."""
    return dict(parse_qsl(urlsplit(address).query))


@dataclass(frozen=True, kw_only=True)
class Journey:
    """A browser on its way to sign in, and what its client remembers of it."""

    verifier: str = field(default_factory=lambda: secrets.token_urlsafe(48))
    state: str = field(default_factory=lambda: secrets.token_urlsafe(8))
    nonce: str = field(default_factory=lambda: secrets.token_urlsafe(8))

    @property
    def challenge(self) -> str:
        """PKCE's challenge, S256."""
        made = hashlib.sha256(self.verifier.encode()).digest()
        return base64.urlsafe_b64encode(made).rstrip(b"=").decode()

    def asks(self, **changes: str) -> dict[str, str]:
        """What the portal asks of /authorize; an empty change takes a parameter away."""
        asked = {
            "client_id": "portal",
            "redirect_uri": CALLBACK,
            "response_type": "code",
            "scope": "openid profile email",
            "state": self.state,
            "nonce": self.nonce,
            "code_challenge": self.challenge,
            "code_challenge_method": "S256",
        }
        return {name: value for name, value in {**asked, **changes}.items() if value}


@dataclass(kw_only=True)
class Identity:
    """One running shared-identity."""

    home: Path
    db: Database
    settings: Settings
    hands: Hands
    mails: Mails
    browser: httpx2.AsyncClient
    mtls: str
    _channels: list[channels.Channel] = field(default_factory=list)
    _clients: dict[str, httpx2.AsyncClient] = field(default_factory=dict)

    @property
    def issuer(self) -> str:
        """The provider's address."""
        return self.settings.instance.issuer

    def channel(self, peer: Origin = PORTAL) -> Any:
        """A channel by which that instance calls."""
        made = channels.channel(self.settings.instance.listen, SHARED_IDENTITY, certificate(self.home, peer))
        self._channels.append(made)
        return made

    @property
    def people(self) -> Any:
        """PersonService, called by the portal."""
        return person_service_pb2_grpc.PersonServiceStub(self.channel())

    @property
    def sign_ins(self) -> Any:
        """SignInService, called by the portal."""
        return sign_in_service_pb2_grpc.SignInServiceStub(self.channel())

    async def get(self, path: str, **parameters: str) -> httpx2.Response:
        """What a browser gets."""
        return await self.browser.get(f"{self.issuer}{path}", params=parameters)

    async def post(self, path: str, peer: Origin = PORTAL, **form: str) -> httpx2.Response:
        """What a client gets that shows the certificate of `peer`."""
        return await self.client(peer).post(f"{self.mtls}{path}", data=form, extensions=_SNI)

    async def userinfo(self, token: str, peer: Origin = PORTAL) -> httpx2.Response:
        """What a client reads of who signed in."""
        headers = {"Authorization": f"Bearer {token}"}
        return await self.client(peer).get(f"{self.mtls}/userinfo", headers=headers, extensions=_SNI)

    def client(self, peer: Origin) -> httpx2.AsyncClient:
        """An HTTP client that shows the certificate of `peer`."""
        if peer.instance not in self._clients:
            tls = certificate(self.home, peer)
            context = ssl.create_default_context(cafile=str(tls.ca))
            context.load_cert_chain(tls.cert, tls.key)
            self._clients[peer.instance] = httpx2.AsyncClient(verify=context, trust_env=False, timeout=_PATIENCE)
        return self._clients[peer.instance]

    async def challenge(self, journey: Journey, **changes: str) -> str:
        """Sends a browser to sign in; gives the challenge the portal gets."""
        answer = await self.get("/authorize", **journey.asks(**changes))
        assert answer.status_code == 303, answer.text
        address = answer.headers["location"]
        assert address.startswith(f"{PORTAL_URL}/connexion?challenge=")
        return query_of(address)["challenge"]

    async def back(self, challenge: str, email: str, password: str) -> dict[str, str]:
        """Answers a challenge; gives what the browser brings back to its client."""
        request = sign_in_service_pb2.SignInWithPasswordRequest(challenge=challenge, email=email, password=password)
        answered = await self.sign_ins.SignInWithPassword(request)
        return await self.resumed(answered.redirect_url)

    async def resumed(self, address: str) -> dict[str, str]:
        """What the browser brings back to its client, sent to the provider's address."""
        answer = await self.browser.get(address)
        assert answer.status_code == 303, answer.text
        return query_of(answer.headers["location"])

    async def redeem(self, journey: Journey, code: str, peer: Origin = PORTAL, **changes: str) -> httpx2.Response:
        """Exchanges a code, as the portal would."""
        form = {
            "grant_type": "authorization_code",
            "client_id": "portal",
            "redirect_uri": CALLBACK,
            "code": code,
            "code_verifier": journey.verifier,
        }
        return await self.post("/token", peer, **{**form, **changes})

    async def refresh(self, refresh_token: str, peer: Origin = PORTAL, **changes: str) -> httpx2.Response:
        """Renews, as the portal would."""
        form = {"grant_type": "refresh_token", "client_id": "portal", "refresh_token": refresh_token}
        return await self.post("/token", peer, **{**form, **changes})

    async def signed_in(self, email: str, password: str) -> dict[str, Any]:
        """A whole sign-in; gives the tokens."""
        journey = Journey()
        brought = await self.back(await self.challenge(journey), email, password)
        answer = await self.redeem(journey, brought["code"])
        assert answer.status_code == 200, answer.text
        tokens: dict[str, Any] = answer.json()
        return tokens

    async def speaking_to(self, refresh_token: str, structure: str) -> dict[str, Any]:
        """The options of a call in a person's name, at one structure."""
        answer = await self.refresh(refresh_token, resource=f"urn:groupement:structure:{structure}")
        assert answer.status_code == 200, answer.text
        return {"metadata": channels.credentials(answer.json()["access_token"])}

    async def close(self) -> None:
        """Closes what was opened to call it."""
        for channel in self._channels:
            await channel.close()
        for client in (self.browser, *self._clients.values()):
            await client.aclose()


_SNI = {"sni_hostname": SHARED_IDENTITY.dns}


@asynccontextmanager
async def identity_house(home: Path, db: Database) -> AsyncIterator[Identity]:
    """A shared-identity of two structures on that database, until the block ends."""
    hands, mails = Hands(), Mails()
    with _mail_server(mails) as smtp:
        settings = _settings(home, smtp)
        keys.make(settings.keys_dir, hands())
        async with db.work() as work:
            await alliance.load(work, ALLIANCE, now=hands())
        made, let_go = instance(settings, db, hands)
        running = asyncio.create_task(made.run())
        opened = Identity(
            home=home,
            db=db,
            settings=settings,
            hands=hands,
            mails=mails,
            browser=httpx2.AsyncClient(trust_env=False, timeout=_PATIENCE),
            mtls=f"https://{settings.mtls_listen}",
        )
        try:
            await _up(opened, running)
            yield opened
        finally:
            await opened.close()
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
            let_go()


def certificate(home: Path, origin: Origin) -> pki.Tls:
    """That instance's certificate, made on first asking."""
    directory = home / "pki"
    tls = pki.Tls.of(directory, origin)
    return tls if tls.cert.exists() else pki.issue(directory, origin)


def _settings(home: Path, smtp: int) -> Settings:
    pki.make_authority(home / "pki")
    (home / "clients.toml").write_text(CLIENTS)
    grpc, probes, http, mtls = (f"127.0.0.1:{free_port()}" for _ in range(4))
    return Settings(
        instance=InstanceSettings(
            origin=SHARED_IDENTITY,
            tls=certificate(home, SHARED_IDENTITY),
            database_url="",
            listen=grpc,
            metrics_listen=probes,
            bus_url="",
            bus_seed_file=None,
            jwks_file=home / "keys" / "jwks.json",
            issuer=f"http://{http}",
            shared_identity_address="",
            log_level="WARNING",
        ),
        http_listen=http,
        mtls_listen=mtls,
        oidc_mtls_url="",
        portal_url=PORTAL_URL,
        keys_dir=home / "keys",
        clients_file=home / "clients.toml",
        mail_from="Le groupement <nous@demo.example>",
        relay=Relay(host="127.0.0.1", port=smtp),
    )


@contextmanager
def _mail_server(mails: Mails) -> Iterator[int]:
    port = free_port()
    controller = Controller(mails, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


async def _up(opened: Identity, running: "asyncio.Task[None]") -> None:
    ready = asyncio.create_task(opened.channel().channel_ready())
    async with asyncio.timeout(_PATIENCE):
        await asyncio.wait({ready, running}, return_when=asyncio.FIRST_COMPLETED)
    if running.done():
        ready.cancel()
        running.result()
    assert (await opened.get("/healthz")).status_code == 200
