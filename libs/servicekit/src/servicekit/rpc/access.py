"""Who may call an RPC: read once from the contract, decided on each call. Without a rule, nobody."""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from google.protobuf import descriptor_pool
from groupement.options.v1 import options_pb2

from servicekit.caller import Caller, Peer, SignInRequired
from servicekit.origin import GROUPEMENT, Origin
from servicekit.refusals import Denied
from servicekit.tokens import Token

MEMBER = "MEMBER"
"""The one role a token alone proves: memberships are shared-identity's to tell, staff is the structure's."""

_ROLE_NAMES = {number: name.removeprefix("ROLE_") for name, number in options_pb2.Role.items() if number}
ALL_ROLES = frozenset(_ROLE_NAMES.values())

StaffLookup = Callable[[str], Awaitable[frozenset[str]]]
"""Gives the roles a person holds in the instance's own staff record: `{"ADVISOR"}`."""


class Unguarded(TypeError):
    """A served RPC says nothing of who may call it, or nothing that makes sense: the process must not start."""


class PeerNotAllowed(Denied):
    """The calling service may not call this."""


class PeerOfAnotherStructure(Denied):
    """The calling service belongs to another structure."""


class RoleRequired(Denied):
    """This needs a role that the caller does not hold at this structure."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Admission:
    """What one kind of peer must bring along to call one RPC: nothing more, a signed-in person, or one of roles."""

    peer: bool = False
    signed_in: bool = False
    roles: frozenset[str] = frozenset()

    def __or__(self, other: "Admission") -> "Admission":
        return Admission(
            peer=self.peer or other.peer,
            signed_in=self.signed_in or other.signed_in,
            roles=self.roles | other.roles,
        )


Admissions = Mapping[str, Admission]
"""Kind of peer -> what it must bring along."""


async def trusting_the_token(person_id: str) -> frozenset[str]:  # noqa: ARG001
    """The staff lookup of who issues the tokens: whatever a token says is so."""
    return ALL_ROLES


def admissions_of(method: str) -> Admissions:
    """The admissions of `/package.Service/Method`, from its `(groupement.options.v1.access)`; raises Unguarded."""
    service, _, name = method.removeprefix("/").rpartition("/")
    found = descriptor_pool.Default().FindServiceByName(service).methods_by_name[name]
    rules = found.GetOptions().Extensions[options_pb2.access].rules
    if not rules:
        raise Unguarded(f"{method} has no access rule")
    admissions: dict[str, Admission] = {}
    for rule in rules:
        admission = _admission(rule, method)
        for kind in rule.peers:
            admissions[kind] = admissions.get(kind, Admission()) | admission
    return admissions


def internal_only(kinds: Iterable[str]) -> Admissions:
    """The admissions of health and reflection, which carry no rule of ours."""
    return {kind: Admission(peer=True) for kind in kinds}


def _admission(rule: options_pb2.Rule, method: str) -> Admission:
    roles = frozenset(_ROLE_NAMES.get(role, "") for role in rule.roles)
    if not rule.peers or "" in rule.peers:
        raise Unguarded(f"{method}: a rule names no peer")
    if bool(roles) != (rule.who == options_pb2.WHO_ROLE) or "" in roles:
        raise Unguarded(f"{method}: roles go with WHO_ROLE, and only with it")
    if rule.who == options_pb2.WHO_UNSPECIFIED:
        raise Unguarded(f"{method}: a rule does not say who")
    return Admission(
        peer=rule.who == options_pb2.WHO_PEER, signed_in=rule.who == options_pb2.WHO_SIGNED_IN, roles=roles
    )


def held_roles(token: Token, staff: frozenset[str]) -> frozenset[str]:
    """The roles that count: those on which the token and the structure's staff record agree, and membership."""
    return token.roles & (staff | {MEMBER})


def whose_people(instance: Origin, peer: Peer) -> str:
    """The structure whose people a peer may bring along, GROUPEMENT for anybody's; raises PeerOfAnotherStructure.

    A structure's instance hears its own structure and the groupement. The groupement hears everyone, but a
    structure's service may only bring that structure's people along.
    """
    if instance.structure == GROUPEMENT:
        return peer.structure
    if peer.structure not in (GROUPEMENT, instance.structure):
        raise PeerOfAnotherStructure
    return instance.structure


def decide(admission: Admission | None, caller: Caller) -> None:
    """Let the caller in, or raise Denied or Unauthenticated."""
    if admission is None:
        raise PeerNotAllowed
    if admission.peer:
        return
    if caller.person_id is None:
        raise SignInRequired(field="authorization")
    if not admission.signed_in and not admission.roles & caller.roles:
        raise RoleRequired
