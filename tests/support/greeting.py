"""A small service compiled for the tests, and the people who serve and call it over real sockets and real mTLS."""

import asyncio
import importlib
import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import grpc_tools  # type: ignore[import-untyped]
from grpc_tools import protoc
from joserfc.jwk import KeySet, RSAKey
from servicekit import pki
from servicekit.caller import current_caller
from servicekit.origin import Origin
from servicekit.refusals import Conflict
from servicekit.rpc import channels
from servicekit.rpc.server import Server
from servicekit.tokens import Token, TokenVerifier, sign

_PROTOS = Path(__file__).parent / "protos"
_CONTRACT = Path(__file__).parents[2] / "protos"
_FILE = "house/greeting/v1/greeting_service.proto"
ISSUER = "https://identity.example"


def _compile() -> tuple[Any, Any]:
    out = tempfile.mkdtemp(prefix="greeting")
    includes = [_PROTOS, _CONTRACT, Path(grpc_tools.__file__).parent / "_proto"]
    arguments = [*(f"-I{include}" for include in includes), f"--python_out={out}", f"--grpc_python_out={out}", _FILE]
    if protoc.main(["protoc", *arguments]) != 0:
        raise RuntimeError("the test contract does not compile")
    sys.path.append(out)
    package = "house.greeting.v1.greeting_service_pb2"
    return importlib.import_module(package), importlib.import_module(f"{package}_grpc")


pb, pb_grpc = _compile()


class AlreadyGreeted(Conflict):
    """This greeting was given before."""


class Greetings(pb_grpc.GreetingServiceServicer):  # type: ignore[name-defined, misc]
    """Answers with what it saw of the caller; does what the wish says."""

    def __init__(self) -> None:
        self.cancelled = asyncio.Event()
        self.entered = asyncio.Event()
        self.release = asyncio.Event()

    async def Greet(self, request: Any, _context: Any) -> Any:
        self.entered.set()
        if request.wish == "refuse":
            raise AlreadyGreeted(field="visitor.language", since="yesterday")
        if request.wish == "crash":
            raise ValueError(f"bad value {request.visitor.display_name}")
        if request.wish == "nap":
            await asyncio.sleep(1)
        if request.wish in ("sleep", "wait"):
            await self._linger(request.wish)
        return self._seen(request.wish)

    async def GreetSignedIn(self, _request: Any, _context: Any) -> Any:
        return pb.GreetSignedInResponse(seen=self._seen())

    async def GreetAsAdvisor(self, _request: Any, _context: Any) -> Any:
        return pb.GreetAsAdvisorResponse(seen=self._seen())

    async def GreetAsMember(self, _request: Any, _context: Any) -> Any:
        return pb.GreetAsMemberResponse(seen=self._seen())

    async def _linger(self, wish: str) -> None:
        try:
            await (self.release.wait() if wish == "wait" else asyncio.sleep(30))
        except asyncio.CancelledError:
            self.cancelled.set()
            raise

    def _seen(self, wish: str = "") -> Any:
        caller = current_caller()
        return pb.GreetResponse(
            wish=wish,
            peer=caller.peer.kind,
            acting_for=caller.acting_for,
            person_id=caller.person_id or "",
            roles=sorted(caller.roles),
            trace=caller.trace,
        )


@dataclass
class House:
    """One authority, one issuer of tokens and whatever servers a test opens; closed by `close`."""

    directory: Path
    staff: dict[str, frozenset[str]] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True))
    servers: list[Server] = field(default_factory=list)
    opened: list[channels.Channel] = field(default_factory=list)

    def __post_init__(self) -> None:
        pki.make_authority(self.directory)
        self.jwks = self.directory / "jwks.json"
        self.jwks.write_text(json.dumps(KeySet([self.key]).as_dict(private=False)))

    def tls(self, instance: str) -> pki.Tls:
        """The certificate of an instance, issued at first use."""
        origin = Origin.parse(instance)
        tls = pki.Tls.of(self.directory, origin)
        return tls if tls.cert.exists() else pki.issue(self.directory, origin)

    def verifier(self, audience: str | None) -> TokenVerifier:
        return TokenVerifier(self.jwks, issuer=ISSUER, audience=audience)

    async def roles_of(self, person_id: str) -> frozenset[str]:
        return self.staff.get(person_id, frozenset())

    def server(self, instance: str, services: Sequence[tuple[Any, object]], **options: Any) -> Server:
        """A server of that instance, not started."""
        origin = Origin.parse(instance)
        audience = None if origin.structure == "groupement" else origin.structure
        given: dict[str, Any] = {"verifier": self.verifier(audience), "staff": self.roles_of, **options}
        return Server(origin=origin, tls=self.tls(instance), services=services, **given)

    async def serve(self, instance: str, greetings: object, **options: Any) -> Server:
        """A server of greetings, started."""
        server = self.server(instance, [(pb_grpc.add_GreetingServiceServicer_to_server, greetings)], **options)
        await server.start()
        self.servers.append(server)
        return server

    def channel(self, caller: str, server: Server, target: str, **options: Any) -> channels.Channel:
        """A channel by which `caller` reaches `server`, expecting it to be `target`."""
        made = channels.channel(server.address, Origin.parse(target), self.tls(caller), **options)
        self.opened.append(made)
        return made

    def stub(self, caller: str, server: Server, target: str, **options: Any) -> Any:
        """A stub by which `caller` greets the `target` instance."""
        return pb_grpc.GreetingServiceStub(self.channel(caller, server, target, **options))

    def token(
        self,
        person_id: str = "person_1",
        structure: str = "la-place",
        roles: Sequence[str] = (),
        *,
        key: RSAKey | None = None,
        issuer: str = ISSUER,
        life: timedelta = timedelta(minutes=10),
    ) -> str:
        """An access token as shared-identity signs it."""
        now = datetime.now(UTC)
        token = Token(person_id=person_id, structure=structure, roles=frozenset(roles), expires_at=now + life)
        return sign(token, key=key or self.key, issuer=issuer, client_id="portal", issued_at=now)

    async def close(self) -> None:
        for channel in self.opened:
            await channel.close()
        for server in self.servers:
            await server.drain(0.5)
