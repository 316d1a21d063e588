"""The report of an event: exact for one's own, and of the others nothing below five, told or computed.

The reader here is a better one than any: it knows how every number told is made of kinds of guests (whose own they are,
whether they came), and combines them all.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from itertools import combinations

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from shared_identity.disclosure import LEAST_TOLD, Told
from shared_identity.outcomes.report import Guest, Pair, by_organiser, by_profile
from shared_identity.registrations.domain import Profile

Kind = tuple[frozenset[str], Profile, bool]
Group = Callable[[Kind], bool]
PROFILES = tuple(Profile)
BOUNDS = settings(max_examples=40, deadline=None, phases=[Phase.generate])
READER = "organiser_a"


def guest(*organisers: str, profile: Profile = Profile.UNSAID, came: bool = True) -> Guest:
    return Guest(organisers=frozenset(organisers), profile=profile, came=came)


@st.composite
def events(draw: st.DrawFn) -> tuple[list[str], list[Guest]]:
    """Organisers, and guests by the handful: so many of one kind."""
    organisers = [f"organiser_{name}" for name in "abc"[: draw(st.integers(1, 3))]]
    many = st.one_of(st.integers(0, 4), st.integers(0, 12))
    guests: list[Guest] = []
    for whose in _subsets(organisers):
        for came in (True, False):
            guests += [guest(*whose, came=came)] * draw(many)
    return organisers, guests


@st.composite
def crowds(draw: st.DrawFn) -> list[Guest]:
    """Guests by the handful, the reader's own and others, who say different things of themselves."""
    many = st.one_of(st.integers(0, 4), st.integers(0, 12))
    guests: list[Guest] = []
    for whose, profile, came in kinds([READER], PROFILES):
        guests += [guest(*whose, profile=profile, came=came)] * draw(many)
    return guests


def _subsets(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for size in range(len(names) + 1):
        yield from combinations(names, size)


def kinds(organisers: Sequence[str], profiles: Sequence[Profile]) -> list[Kind]:
    return [
        (frozenset(whose), profile, came)
        for whose in _subsets(organisers)
        for profile in profiles
        for came in (True, False)
    ]


def own(name: str) -> Group:
    return lambda kind: name in kind[0]


def is_shared(kind: Kind) -> bool:
    return len(kind[0]) > 1


def is_nobodys(kind: Kind) -> bool:
    return not kind[0]


def is_profile(profile: Profile) -> Group:
    return lambda kind: kind[1] is profile


def that(came: bool | None, *groups: Group) -> Group:
    return lambda kind: (came is None or kind[2] is came) and all(group(kind) for group in groups)


def told_of(pair: Pair, group: Group) -> list[Group]:
    told = [] if pair.registered.hidden else [that(None, group)]
    return told if pair.attended.hidden else [*told, that(True, group)]


def found_out(every: list[Kind], guests: list[Guest], told: list[Group], secrets: list[Group]) -> list[int]:
    """The small numbers that follow from what is told, and not from what the reader knew."""
    known = [that(None), that(True)]
    profiles = {profile for _, profile, _ in every}
    known += [that(came, own(READER), is_profile(profile)) for came in (True, False) for profile in profiles]

    def row(group: Group) -> list[Fraction]:
        return [Fraction(int(group(kind))) for kind in every]

    before, after = _span([row(group) for group in known]), _span([row(group) for group in known + told])
    out = []
    for secret in secrets:
        number = sum(secret((each.organisers, each.profile, each.came)) for each in guests)
        if number < LEAST_TOLD and _follows(row(secret), after) and not _follows(row(secret), before):
            out.append(number)
    return out


def secrets_of_organisers(organisers: list[str]) -> list[Group]:
    others = [own(name) for name in organisers if name != READER]
    alone: list[Group] = [
        lambda kind, name=name: kind[0] == {name}  # type: ignore[misc]
        for name in organisers
    ]
    groups = [*others, *alone, is_shared, is_nobodys]
    return [that(came, group) for group in groups for came in (None, True, False)]


def secrets_of_profiles() -> list[Group]:
    def others(kind: Kind) -> bool:
        return READER not in kind[0]

    groups = [(is_profile(profile),) for profile in PROFILES]
    groups += [(is_profile(profile), others) for profile in PROFILES]  # type: ignore[misc]
    return [that(came, *group) for group in groups for came in (None, True, False)]


Span = dict[int, list[Fraction]]


def _span(rows: Sequence[list[Fraction]]) -> Span:
    """What follows from these rows: one row for each place that can be told from the others."""
    span: Span = {}
    for row in rows:
        left = _without(row, span)
        place = next((place for place, value in enumerate(left) if value), None)
        if place is not None:
            span[place] = [value / left[place] for value in left]
    return span


def _follows(row: list[Fraction], span: Span) -> bool:
    return not any(_without(row, span))


def _without(row: list[Fraction], span: Span) -> list[Fraction]:
    for place in sorted(span):
        if row[place]:
            row = [a - row[place] * b for a, b in zip(row, span[place], strict=True)]
    return row


@BOUNDS
@given(events())
def test_nothing_told_of_organisers_gives_a_small_number_away(drawn: tuple[list[str], list[Guest]]) -> None:
    organisers, guests = drawn
    pairs, shared, nobodys = by_organiser(guests, organisers, READER)
    told = [group for name in organisers for group in told_of(pairs[name], own(name))]
    told += [] if shared.hidden else [that(None, is_shared)]
    told += [] if nobodys.hidden else [that(None, is_nobodys)]
    every = kinds(organisers, [Profile.UNSAID])
    assert not found_out(every, guests, told, secrets_of_organisers(organisers))


@BOUNDS
@given(crowds())
def test_nothing_told_of_profiles_gives_a_small_number_away(guests: list[Guest]) -> None:
    pairs = by_profile(guests, READER)
    told = [group for profile in PROFILES for group in told_of(pairs[profile], is_profile(profile))]
    assert not found_out(kinds([READER], PROFILES), guests, told, secrets_of_profiles())


@BOUNDS
@given(events())
def test_ones_own_are_told_exactly(drawn: tuple[list[str], list[Guest]]) -> None:
    organisers, guests = drawn
    pairs, _, _ = by_organiser(guests, organisers, READER)
    mine = [each for each in guests if READER in each.organisers]
    came = [each for each in mine if each.came]
    assert pairs[READER] == Pair(registered=Told(value=len(mine)), attended=Told(value=len(came)))


def test_control_hiding_only_what_is_small_gives_it_away() -> None:
    organisers = [READER, "organiser_b"]
    guests = [guest(READER)] * 12 + [guest("organiser_b")] * 3 + [guest()] * 20
    naive = [that(None, is_nobodys)]
    every = kinds(organisers, [Profile.UNSAID])
    assert found_out(every, guests, naive, secrets_of_organisers(organisers))


def test_somebody_who_is_two_organisers_own_counts_at_both_and_once_in_all() -> None:
    organisers = [READER, "organiser_b"]
    guests = [guest(*organisers)] * 9 + [guest("organiser_b")] * 11 + [guest(READER)] * 8 + [guest()] * 30
    guests += [guest(*organisers, came=False)] * 7 + [guest("organiser_b", came=False)] * 6
    pairs, shared, nobodys = by_organiser(guests, organisers, READER)
    assert pairs["organiser_b"] == Pair(registered=Told(value=33), attended=Told(value=20))
    assert pairs[READER] == Pair(registered=Told(value=24), attended=Told(value=17))
    assert (shared, nobodys) == (Told(value=16), Told(value=30))
