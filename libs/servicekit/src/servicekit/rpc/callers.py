"""Who is at the door: the peer by its certificate, the person by their token, the roles both sides agree on."""

import re
import secrets
from collections.abc import Iterable
from itertools import count
from typing import Any

from grpc.aio import ServicerContext

from servicekit.caller import Peer
from servicekit.clock import Clock
from servicekit.origin import GROUPEMENT, Origin, parse_spiffe
from servicekit.refusals import Denied
from servicekit.rpc.access import MEMBER, StaffLookup, held_roles, whose_people
from servicekit.tokens import Token, TokenForAnotherStructure, TokenInvalid, TokenVerifier

Context = ServicerContext[Any, Any]
Metadata = Iterable[tuple[str, str | bytes]]

TRACE = "x-trace"
"""Metadata key of the number that follows a request through every process."""

_BEARER = "Bearer "
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
        self._peers: dict[tuple[bytes, ...], tuple[Peer, str]] = {}
        self._trace = secrets.token_hex(6)
        self._calls = count()

    def recognise(self, context: Context, metadata: Metadata) -> tuple[Peer, Token | None, str]:
        """The peer, the verified token that came along, and the number of the call.

        Raises Denied or Unauthenticated when they cannot be known or come from elsewhere.
        """
        identities = tuple(context.peer_identities() or ())
        peer, structure = self._peers.get(identities) or self._learn(identities)
        token, trace = None, ""
        for key, value in metadata:
            if key == "authorization":
                token = self._verified(value, structure, again=token is not None)
            elif key == TRACE and isinstance(value, str) and _TRACE_FORM.fullmatch(value):
                trace = value
        return peer, token, trace or f"{self._trace}{next(self._calls):x}"

    async def roles_of(self, token: Token) -> frozenset[str]:
        """The roles that count: those of the token that the staff record agrees on, and membership."""
        if token.roles <= _ONLY_MEMBER:
            return token.roles
        return held_roles(token, await self._staff(token.person_id))

    def _verified(self, value: str | bytes, structure: str, *, again: bool) -> Token:
        """The token, of one of the people the peer may bring; two tokens on one call are none."""
        if again or not isinstance(value, str) or not value.startswith(_BEARER):
            raise TokenInvalid(field="authorization")
        token = self._verifier.verify(value[len(_BEARER) :], self._clock())
        if structure not in (GROUPEMENT, token.structure):
            raise TokenForAnotherStructure(field="authorization")
        return token

    def _learn(self, identities: tuple[bytes, ...]) -> tuple[Peer, str]:
        """A peer by the URI SAN of its certificate; never by its address, which another may take over."""
        peer = _peer(identities)
        if len(self._peers) >= _MOST_PEERS:
            self._peers.clear()
        known = self._peers[identities] = peer, whose_people(self._origin, peer)
        return known


def _peer(identities: tuple[bytes, ...]) -> Peer:
    """The instance a certificate names by URI and by DNS: what it says in its subject counts for nothing.

    gRPC gives the subject's common name, alone, for a certificate without alternative names.
    """
    names = [identity.decode() for identity in identities]
    uris = [name for name in names if name.startswith("spiffe:")]
    origin = parse_spiffe(uris[0]) if len(uris) == 1 else None
    if origin is None or origin.dns not in names:
        raise PeerUnknown
    return Peer(kind=origin.kind, structure=origin.structure)
