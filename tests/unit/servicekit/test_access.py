"""Access rules: what they admit, and those that make no sense."""

from collections.abc import Sequence
from itertools import count

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from groupement.options.v1 import options_pb2
from servicekit.caller import Caller, Peer
from servicekit.origin import Origin
from servicekit.rpc.access import (
    Admission,
    PeerOfAnotherStructure,
    RoleRequired,
    Unguarded,
    admissions_of,
    decide,
    whose_people,
)

_numbers = count()
Rule = options_pb2.Rule
PEER, SIGNED_IN, ROLE = options_pb2.WHO_PEER, options_pb2.WHO_SIGNED_IN, options_pb2.WHO_ROLE
ADVISOR, DIRECTOR = options_pb2.ROLE_ADVISOR, options_pb2.ROLE_DIRECTOR


def method(*rules: options_pb2.Rule) -> str:
    """A method with these rules, in a contract made for it."""
    package = f"house.rules{next(_numbers)}"
    file = descriptor_pb2.FileDescriptorProto(name=f"{package}.proto", package=package, syntax="proto3")
    file.dependency.append("groupement/options/v1/options.proto")
    file.message_type.add(name="Asked")
    served = file.service.add(name="Service").method.add(name="Ask")
    served.input_type = served.output_type = f".{package}.Asked"
    served.options.Extensions[options_pb2.access].rules.extend(rules)
    descriptor_pool.Default().AddSerializedFile(file.SerializeToString())
    return f"/{package}.Service/Ask"


def test_rules_for_the_same_kind_of_peer_add_up() -> None:
    asked = method(
        Rule(peers=["portal", "incubator"], who=ROLE, roles=[ADVISOR]),
        Rule(peers=["portal"], who=ROLE, roles=[DIRECTOR]),
        Rule(peers=["incubator"], who=PEER),
    )
    assert admissions_of(asked) == {
        "portal": Admission(roles=frozenset({"ADVISOR", "DIRECTOR"})),
        "incubator": Admission(peer=True, roles=frozenset({"ADVISOR"})),
    }


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [Rule(who=PEER)],
        [Rule(peers=[""], who=PEER)],
        [Rule(peers=["portal"])],
        [Rule(peers=["portal"], who=ROLE)],
        [Rule(peers=["portal"], who=ROLE, roles=[options_pb2.ROLE_UNSPECIFIED])],
        [Rule(peers=["portal"], who=PEER, roles=[ADVISOR])],
        [Rule(peers=["portal"], who=SIGNED_IN), Rule(peers=["incubator"], who=SIGNED_IN, roles=[ADVISOR])],
    ],
    ids=["no rule", "no peer", "empty peer", "no who", "no role", "unspecified role", "roles and peer", "one of two"],
)
def test_rules_that_make_no_sense_keep_the_server_from_starting(rules: Sequence[options_pb2.Rule]) -> None:
    with pytest.raises(Unguarded, match="Service/Ask"):
        admissions_of(method(*rules))


def test_one_role_of_those_asked_for_suffices_and_another_does_not() -> None:
    admission = Admission(roles=frozenset({"ADVISOR", "DIRECTOR"}))
    portal = Peer(kind="portal", structure="la-place")
    decide(
        admission,
        Caller(peer=portal, acting_for="la-place", person_id="person_1", roles=frozenset({"DIRECTOR", "ADMIN"})),
    )
    with pytest.raises(RoleRequired):
        decide(admission, Caller(peer=portal, acting_for="la-place", person_id="person_1", roles=frozenset({"ADMIN"})))


@pytest.mark.parametrize(
    ("instance", "peer", "people"),
    [
        ("coworking@la-place", "portal@la-place", "la-place"),
        ("coworking@la-place", "portal@groupement", "la-place"),
        ("shared-identity@groupement", "portal@groupement", "groupement"),
        ("shared-identity@groupement", "coworking@la-place", "la-place"),
    ],
)
def test_a_peer_brings_its_own_structures_people_and_the_groupements_brings_anyones(
    instance: str, peer: str, people: str
) -> None:
    assert whose_people(Origin.parse(instance), _peer(peer)) == people


def test_a_structure_hears_no_other_structure() -> None:
    with pytest.raises(PeerOfAnotherStructure):
        whose_people(Origin.parse("coworking@la-place"), _peer("coworking@la-fabrique"))


def _peer(instance: str) -> Peer:
    origin = Origin.parse(instance)
    return Peer(kind=origin.kind, structure=origin.structure)
