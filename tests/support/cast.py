"""Three structures, their people and services, and everyone who may knock at a door: whom each of them acts for."""

from collections.abc import Sequence
from dataclasses import dataclass

from servicekit.origin import GROUPEMENT, Origin

NORTH, SOUTH, WEST = "le-nord", "le-sud", "l-ouest"
STRUCTURES = (NORTH, SOUTH, WEST)
STAFF = ("DIRECTOR", "ADVISOR", "COMMUNITY_MANAGER", "ACCOUNTANT", "EVENT_MANAGER", "ADMIN")
HOLDER, COWORKER, STRANGER, LIAR = 10, 11, 12, 13
SHARED_DIRECTOR = 1
"""Directs the north and the south by one post."""

PORTAL = "portal@groupement"
SHARED_IDENTITY = "shared-identity@groupement"
NOBODY = "nobody"


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """One way of calling: whose certificate, whose token, speaking to which structure.

    `structure` is the one it acts for, NOBODY when it acts for none. An `insider` is staff or a service of that
    structure and may see all of it; anybody else sees what is public and what is theirs.
    """

    name: str
    peer: str
    structure: str = NOBODY
    person: int = 0
    speaks_to: str = ""
    roles: tuple[str, ...] = ()
    insider: bool = False

    @property
    def person_id(self) -> str:
        """The person calling; empty for a service on its own account."""
        return person_id(self.person) if self.person else ""

    @property
    def kind(self) -> str:
        """Kind of the calling service."""
        return Origin.parse(self.peer).kind

    def __repr__(self) -> str:
        return self.name


def person_id(number: int) -> str:
    """A person's identifier that stays the same."""
    return f"person_{number:032x}"


def number_of(identifier: str) -> int:
    """The number a person was given here; that of somebody else is enormous."""
    return int(identifier.removeprefix("person_"), 16)


def of(structure: str, who: int) -> int:
    """The number of somebody at a structure: `of(NORTH, HOLDER)`."""
    return 100 * (1 + STRUCTURES.index(structure)) + who


def staff_of(structure: str) -> Sequence[tuple[int, str]]:
    """The staff of a structure, and the role of each."""
    own = [(of(structure, at + 1), role) for at, role in enumerate(STAFF)]
    return own if structure == WEST else [*own, (SHARED_DIRECTOR, "DIRECTOR")]


def everybody() -> Sequence[int]:
    """All people who ever call."""
    return sorted({viewer.person for viewer in viewers() if viewer.person})


def frequented(person: int) -> set[str]:
    """The structures a person has to do with by their own doing: they have been there, or work there."""
    return {viewer.structure for viewer in viewers() if viewer.person == person} - {NOBODY}


def viewers() -> Sequence[Viewer]:
    """Everyone who calls."""
    crossing = Viewer(
        name="the north's holder in the south",
        peer=PORTAL,
        structure=SOUTH,
        person=of(NORTH, HOLDER),
        speaks_to=SOUTH,
    )
    return [
        Viewer(name="a visitor", peer=PORTAL),
        Viewer(name="the operator", peer=f"operator@{GROUPEMENT}"),
        crossing,
        *(viewer for structure in STRUCTURES for viewer in _of_structure(structure)),
    ]


def _of_structure(structure: str) -> Sequence[Viewer]:
    return [*_staff(structure), *_people(structure), *_services(structure)]


def _staff(structure: str) -> Sequence[Viewer]:
    return [
        _signed_in(f"{role.lower()} {number} of {structure}", structure, number, role, insider=True)
        for number, role in staff_of(structure)
    ]


def _people(structure: str) -> Sequence[Viewer]:
    return [
        _signed_in(f"a holder of {structure}", structure, of(structure, HOLDER), "MEMBER"),
        _signed_in(f"a coworker of {structure}", structure, of(structure, COWORKER), "MEMBER"),
        _signed_in(f"a stranger at {structure}", structure, of(structure, STRANGER)),
        _signed_in(f"one who claims every role at {structure}", structure, of(structure, LIAR), *STAFF),
    ]


def _services(structure: str) -> Sequence[Viewer]:
    kinds = ("incubator", "coworking", "door")
    alone = [
        Viewer(name=f"{kind}@{structure}", peer=f"{kind}@{structure}", structure=structure, insider=True)
        for kind in kinds
    ]
    elsewhere = STRUCTURES[(STRUCTURES.index(structure) + 1) % len(STRUCTURES)]
    brings = Viewer(
        name=f"incubator@{structure} with its holder",
        peer=f"incubator@{structure}",
        structure=structure,
        person=of(structure, HOLDER),
        speaks_to=structure,
        roles=("MEMBER",),
        insider=True,
    )
    steals = Viewer(
        name=f"coworking@{structure} with a token for {elsewhere}",
        peer=f"coworking@{structure}",
        person=of(elsewhere, 1),
        speaks_to=elsewhere,
        roles=("DIRECTOR",),
    )
    return [*alone, brings, steals]


def _signed_in(name: str, structure: str, number: int, *roles: str, insider: bool = False) -> Viewer:
    return Viewer(
        name=name,
        peer=PORTAL,
        structure=structure,
        person=number,
        speaks_to=structure,
        roles=roles,
        insider=insider,
    )
