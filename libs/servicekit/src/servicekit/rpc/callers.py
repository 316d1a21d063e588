"""Who is at the door: the peer by its certificate, the person by their token, the roles both sides agree on."""

import re
import secrets
from collections.abc import Iterable
from typing import Any

from grpc.aio import ServicerContext

from servicekit.caller import Caller, Peer
from servicekit.clock import Clock
from servicekit.origin import Origin, parse_spiffe
from servicekit.refusals import Denied
from servicekit.rpc.access import MEMBER, StaffLookup, check_structures, held_roles
from servicekit.tokens import Token, TokenInvalid, TokenVerifier

Context = ServicerContext[Any, Any]
Metadata = Iterable[tuple[str, str | bytes]]

TRACE = "x-trace"
"""Metadata key of the number that follows a request through every process."""

_BEARER = "Bearer "
_BY_SAN = "x509_subject_alternative_name"
_TRACE_FORM = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MOST_PEERS = 1024
_ONLY_MEMBER = frozenset({MEMBER})


class PeerUnknown(Denied):
    """The certificate does not name one of the groupement's instances."""


class Callers:
    """Recognises the callers of one instance; peers are parsed once, tokens verified once."""

    def __init__(self, origin: Origin, verifier: TokenVerifier, staff: StaffLookup, clock: Clock) -> None:
        self._origin = origin
        self._verifier = verifier
        self._staff = staff
        self._clock = clock
        self._peers: dict[tuple[bytes, ...], Peer] = {}

    async def caller_of(self, context: Context, metadata: Metadata) -> Caller:
        """The caller; raises Denied or Unauthenticated when they cannot be known or come from elsewhere."""
        peer = self._peer_of(context)
        token, trace = self._read(metadata)
        check_structures(self._origin, peer, token)
        if token is None:
            return Caller(peer=peer, acting_for=peer.structure, trace=trace)
        return Caller(
            peer=peer,
            acting_for=token.structure,
            person_id=token.person_id,
            roles=await self._roles_of(token),
            trace=trace,
        )

    def _peer_of(self, context: Context) -> Peer:
        """The peer by its URI SAN; never by its address, which another may take over with the same port."""
        identities = tuple(context.peer_identities() or ())
        if context.peer_identity_key() != _BY_SAN:
            raise PeerUnknown
        peer = self._peers.get(identities)
        if peer is None:
            peer = _peer(identities)
            if len(self._peers) >= _MOST_PEERS:
                self._peers.clear()
            self._peers[identities] = peer
        return peer

    def _read(self, metadata: Metadata) -> tuple[Token | None, str]:
        token, trace = None, ""
        for key, value in metadata:
            if key == "authorization":
                if token is not None or not isinstance(value, str) or not value.startswith(_BEARER):
                    raise TokenInvalid(field="authorization")
                token = self._verifier.verify(value[len(_BEARER) :], self._clock())
            elif key == TRACE and isinstance(value, str) and _TRACE_FORM.fullmatch(value):
                trace = value
        return token, trace or secrets.token_hex(8)

    async def _roles_of(self, token: Token) -> frozenset[str]:
        if token.roles <= _ONLY_MEMBER:
            return token.roles
        return held_roles(token, await self._staff(token.person_id))


def _peer(identities: tuple[bytes, ...]) -> Peer:
    uris = [identity.decode() for identity in identities if identity.startswith(b"spiffe:")]
    origin = parse_spiffe(uris[0]) if len(uris) == 1 else None
    if origin is None:
        raise PeerUnknown
    return Peer(kind=origin.kind, structure=origin.structure)
