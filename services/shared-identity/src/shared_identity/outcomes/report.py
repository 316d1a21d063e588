"""An event in numbers: each person once in all, at each organiser whose own they are, and nobody's small numbers told.

The totals of the event are exact for all its organisers; an organiser reads its own exactly. Of the others no number
below five is told, nor one from which such a number follows: how the numbers hang together is said here.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from shared_identity.disclosure import Numbers, Sum, Told
from shared_identity.outcomes.domain import ContributionKind
from shared_identity.registrations.domain import Profile

_SEVERAL = 2


@dataclass(frozen=True, kw_only=True, slots=True)
class Guest:
    """Somebody with a seat, as far as figures go: whose own they are, who they say they are, whether they came."""

    organisers: frozenset[str]
    profile: Profile
    came: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Pair:
    """Of some people, those with a seat and those who came."""

    registered: Told
    attended: Told


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionFigures:
    """A session in numbers; no `size` when it has no seats of its own."""

    session_id: str
    size: int
    registered: int
    attended: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ClosingReport:
    """An event in numbers; final once it is closed."""

    event_id: str
    final: bool
    size: int
    registered: int
    attended: int
    walk_ins: int
    cancelled: int
    waiting: int
    organisers: Mapping[str, Pair]
    shared: Told
    nobodys: Told
    profiles: Mapping[Profile, Pair]
    sessions: Sequence[SessionFigures]
    contributions: Mapping[tuple[str, ContributionKind], int]


class Group(NamedTuple):
    """A number of people: with a seat or come, of an organiser, of a profile, of all; and what follows from it."""

    what: str
    of: str = ""


_REGISTERED, _CAME = Group("registered"), Group("came")
SHARED, NOBODYS = Group("shared"), Group("nobody's")
_SHARED_CAME, _NOBODYS_CAME, _NOBODYS_STAYED = Group("shared came"), Group("nobody's came"), Group("nobody's stayed")


def by_organiser(
    guests: Collection[Guest], organisers: Sequence[str], reader: str
) -> tuple[Mapping[str, Pair], Told, Told]:
    """What a reader is told of each organiser's own, of those who are several's, of those who are nobody's."""
    values = _organiser_values(guests, organisers)
    told = Numbers(
        values=values,
        sums=[*_organiser_sums(organisers), *_parts(organisers, values)],
        known=frozenset({_REGISTERED, _CAME, Group("registered", reader), Group("came", reader)}) & values.keys(),
        untold=frozenset(key for key in values if key.what not in ("registered", "came", "shared", "nobody's")),
    ).told()
    pairs = {
        name: Pair(registered=told[Group("registered", name)], attended=told[Group("came", name)])
        for name in organisers
    }
    return pairs, told[SHARED], told[NOBODYS]


def by_profile(guests: Collection[Guest], reader: str) -> Mapping[Profile, Pair]:
    """What a reader is told of those who say they are one thing; of its own it knows who they say they are."""
    own = [guest for guest in guests if reader in guest.organisers]
    rest = [guest for guest in guests if reader not in guest.organisers]
    values = _totals(guests)
    for profile in Profile:
        values |= _counted(profile.name, (guest for guest in guests if guest.profile is profile))
        values |= _counted(f"own {profile.name}", (guest for guest in own if guest.profile is profile))
        values |= _counted(f"other {profile.name}", (guest for guest in rest if guest.profile is profile))
    owned = {key for key in values if key.of.startswith("own ")}
    told = Numbers(
        values=values,
        sums=list(_profile_sums()),
        known=frozenset({_REGISTERED, _CAME} | owned),
        untold=frozenset(key for key in values if key.what == "stayed" or key.of.startswith("other ")) - owned,
    ).told()
    return {
        profile: Pair(registered=told[Group("registered", profile.name)], attended=told[Group("came", profile.name)])
        for profile in Profile
    }


def _organiser_values(guests: Collection[Guest], organisers: Sequence[str]) -> dict[Group, int]:
    shared = [guest for guest in guests if len(guest.organisers) >= _SEVERAL]
    nobodys = [guest for guest in guests if not guest.organisers]
    values = _totals(guests) | {
        SHARED: len(shared),
        NOBODYS: len(nobodys),
        _SHARED_CAME: sum(guest.came for guest in shared),
        _NOBODYS_CAME: sum(guest.came for guest in nobodys),
        _NOBODYS_STAYED: sum(not guest.came for guest in nobodys),
    }
    for name in organisers:
        own = [guest for guest in guests if name in guest.organisers]
        values |= _counted(name, own)
        values[Group("alone", name)] = sum(len(guest.organisers) == 1 for guest in own)
        values[Group("with others", name)] = sum(len(guest.organisers) >= _SEVERAL for guest in own)
    return values


def _organiser_sums(organisers: Sequence[str]) -> Iterable[Sum[Group]]:
    """Somebody who is several organisers' own is taken out as often as they are counted twice, at the strictest."""
    yield Sum(left=(_REGISTERED, SHARED), right=(*(Group("registered", name) for name in organisers), NOBODYS))
    yield Sum(left=(_REGISTERED,), right=(*(Group("alone", name) for name in organisers), SHARED, NOBODYS))
    yield Sum(left=(_CAME, _SHARED_CAME), right=(*(Group("came", name) for name in organisers), _NOBODYS_CAME))
    yield Sum(left=(NOBODYS,), right=(_NOBODYS_CAME, _NOBODYS_STAYED))


def _parts(organisers: Sequence[str], values: Mapping[Group, int]) -> Iterable[Sum[Group]]:
    """An organiser's own came or stayed away; they are its alone, or others' too: of two organisers, those shared."""
    for name in organisers:
        yield _came_or_stayed(name)
        with_others = Group("with others", name)
        yield Sum(left=(Group("registered", name),), right=(Group("alone", name), with_others))
        if values[with_others] == values[SHARED]:
            yield Sum(left=(with_others,), right=(SHARED,))


def _profile_sums() -> Iterable[Sum[Group]]:
    for what in ("registered", "came"):
        yield Sum(left=(Group(what),), right=tuple(Group(what, profile.name) for profile in Profile))
        for profile in Profile:
            parts = (Group(what, f"own {profile.name}"), Group(what, f"other {profile.name}"))
            yield Sum(left=(Group(what, profile.name),), right=parts)
    for profile in Profile:
        yield _came_or_stayed(profile.name)
        yield _came_or_stayed(f"other {profile.name}")


def _came_or_stayed(of: str) -> Sum[Group]:
    return Sum(left=(Group("registered", of),), right=(Group("came", of), Group("stayed", of)))


def _totals(guests: Collection[Guest]) -> dict[Group, int]:
    return {_REGISTERED: len(guests), _CAME: sum(guest.came for guest in guests)}


def _counted(of: str, guests: Iterable[Guest]) -> dict[Group, int]:
    came = [guest.came for guest in guests]
    return {
        Group("registered", of): len(came),
        Group("came", of): sum(came),
        Group("stayed", of): len(came) - sum(came),
    }
