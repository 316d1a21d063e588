"""The members of a structure, as it declared them: where they stand, in what quality, by name."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from groupement.declaration.v1.events_pb2 import MEMBERSHIP_KIND_UNSPECIFIED, MembershipKind
from groupement.shared_identity.v1.membership_pb2 import Membership
from groupement.shared_identity.v1.membership_service_pb2 import (
    MEMBERSHIP_STATE_ENDED,
    MEMBERSHIP_STATE_IN_FORCE,
    MEMBERSHIP_STATE_TO_COME,
    ListMembershipsRequest,
    ListMembershipsResponse,
    MembershipCount,
    MembershipState,
)
from starlette.responses import Response

from portal import words
from portal.i18n import N_
from portal.pages.team import SEES_MEMBERS, names_of, team_member
from portal.showcase import House
from portal.visit import Page, Visit

PAGE = 100
STATES: Mapping[str, tuple[MembershipState.ValueType, str]] = {
    "": (MEMBERSHIP_STATE_IN_FORCE, N_("En cours")),
    "a-venir": (MEMBERSHIP_STATE_TO_COME, N_("À venir")),
    "terminees": (MEMBERSHIP_STATE_ENDED, N_("Terminées")),
}
_PREFIX = "MEMBERSHIP_KIND_"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A membership and the name of who holds it, empty when it may no longer be read."""

    membership: Membership
    name: str


async def show(visit: Visit) -> Response:
    """`GET /equipe/{structure}/membres?etat=&qualite=&apres=`"""
    house, _ = await team_member(visit, SEES_MEMBERS)
    tab = visit.query("etat") if visit.query("etat") in STATES else ""
    kind = kind_from(visit.query("qualite"))
    found = await _members(visit, house, STATES[tab][0], kind)
    names = await names_of(visit, house, (each.person_id for each in found.memberships))
    chosen = kind_word(kind) if kind else ""
    return await visit.page(
        "members.html",
        house=house,
        tab=tab,
        chosen=chosen,
        tabs=[
            (name, visit.language.say(word), total(found.counts, state, kind)) for name, (state, word) in STATES.items()
        ],
        kinds=_kinds(visit, found.counts, STATES[tab][0], chosen),
        lines=[Line(membership=each, name=names.found.get(each.person_id, "")) for each in found.memberships],
        silent=names.refusal,
        next_page=found.next_page_token,
        after=visit.query("apres"),
    )


def kind_from(word: str) -> MembershipKind.ValueType:
    """A kind by its word in addresses, "coworker"; unspecified, which stands for all, for a word that names none."""
    known = {kind_word(kind): kind for kind in MembershipKind.values() if kind}
    return known.get(word, MEMBERSHIP_KIND_UNSPECIFIED)


def total(counts: Iterable[MembershipCount], state: MembershipState.ValueType, kind: MembershipKind.ValueType) -> int:
    """How many memberships stand so; of one kind, or of all."""
    return sum(
        each.count for each in counts if each.state == state and kind in (MEMBERSHIP_KIND_UNSPECIFIED, each.kind)
    )


async def _members(
    visit: Visit, house: House, state: MembershipState.ValueType, kind: MembershipKind.ValueType
) -> ListMembershipsResponse:
    wish = ListMembershipsRequest(page_size=PAGE, page_token=visit.query("apres"), state=state, kind=kind)
    stub = visit.backends.identity.memberships
    return await visit.ask(stub.ListMemberships, wish, structure=house.slug)


def _kinds(
    visit: Visit, counts: Iterable[MembershipCount], state: MembershipState.ValueType, chosen: str
) -> list[tuple[str, str, int]]:
    """All, then each kind there is, with how many."""
    counts = list(counts)
    every = ("", visit.language.say("Toutes les qualités"), total(counts, state, MEMBERSHIP_KIND_UNSPECIFIED))
    there = [
        kind for kind in MembershipKind.values() if kind and (total(counts, state, kind) or kind_word(kind) == chosen)
    ]
    word = visit.language.say
    return [every, *((kind_word(k), word(words.word("membership_kind", k)), total(counts, state, k)) for k in there)]


def kind_word(kind: MembershipKind.ValueType) -> str:
    """What a kind is called in addresses."""
    return MembershipKind.Name(kind).removeprefix(_PREFIX).lower()


GET_PAGES: Mapping[str, Page] = {"/equipe/{structure}/membres": show}
POST_PAGES: Mapping[str, Page] = {}
