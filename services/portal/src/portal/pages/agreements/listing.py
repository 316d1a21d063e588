"""The agreements a structure is a party to, and the signature of those that wait for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from google.protobuf.timestamp_pb2 import Timestamp
from groupement.shared_identity.v1.agreement_pb2 import (
    AGREEMENT_STATE_ENDED,
    AGREEMENT_STATE_PROPOSED,
    AGREEMENT_STATE_SIGNED,
    Agreement,
    AgreementState,
)
from groupement.shared_identity.v1.agreement_service_pb2 import ListAgreementsRequest, SignAgreementRequest
from servicekit.refusals import NotFound, Refusal
from starlette.responses import Response

from portal.forms import Form, belongs_in_form
from portal.i18n import N_
from portal.pages.team import DIRECTS, MOST, SEES_AGREEMENTS, team_member
from portal.refusals import form_status
from portal.showcase import House
from portal.visit import Visit

STATES: Mapping[str, tuple[AgreementState.ValueType, str]] = {
    "": (AGREEMENT_STATE_SIGNED, N_("En vigueur")),
    "proposees": (AGREEMENT_STATE_PROPOSED, N_("À signer")),
    "terminees": (AGREEMENT_STATE_ENDED, N_("Terminées")),
}


class UnknownAgreement(NotFound):
    """There is no such agreement of this structure."""


@dataclass(frozen=True, kw_only=True)
class Party:
    """One side of an agreement, and when it signed."""

    house: House
    signed: Timestamp | None


@dataclass(frozen=True, kw_only=True)
class Line:
    """An agreement with its two sides, seen from one of them."""

    agreement: Agreement
    grantor: Party
    home: Party
    mine: Party

    @property
    def waits_for_us(self) -> bool:
        """Whether our signature is what it lacks."""
        return self.agreement.state == AGREEMENT_STATE_PROPOSED and self.mine.signed is None

    @property
    def may_end(self) -> bool:
        """Whether notice can be given."""
        return self.agreement.state == AGREEMENT_STATE_SIGNED


async def show(visit: Visit) -> Response:
    """`GET /equipe/{structure}/conventions?etat=`"""
    house, roles = await team_member(visit, SEES_AGREEMENTS)
    return await list_page(visit, house, roles, Form(), HTTPStatus.OK)


async def sign(visit: Visit) -> Response:
    """`POST /equipe/{structure}/conventions/{agreement}/signer`"""
    form = await visit.form()
    house, roles = await team_member(visit, DIRECTS)
    request = SignAgreementRequest(
        agreement_id=visit.path("agreement"), etag=form.value("etag"), request_id=form.request_id
    )
    try:
        await visit.ask(visit.backends.identity.agreements.SignAgreement, request, structure=house.slug)
    except Refusal as refusal:
        if not belongs_in_form(refusal):
            raise
        return await list_page(visit, house, roles, form.refused(refusal, visit.language), form_status(refusal))
    say = visit.language.say("La convention est signée des deux côtés : les droits s'ouvrent.")
    return visit.redirect(f"/equipe/{house.slug}/conventions", say=say)


async def list_page(visit: Visit, house: House, roles: frozenset[str], form: Form, status: int) -> Response:
    """The list under the tab of the address, and what went wrong, if something did."""
    lines = await lines_of(visit, house)
    asked = visit.query("etat")
    waiting = any(line.waits_for_us for line in lines)
    tab = asked if asked in STATES else ""
    return await visit.page(
        "agreements/list.html",
        status=status,
        house=house,
        form=form,
        tab=tab,
        tabs=[(n, visit.language.say(word), _many(lines, state)) for n, (state, word) in STATES.items()],
        lines=[line for line in lines if line.agreement.state == STATES[tab][0]],
        waiting=waiting and tab != "proposees",
        signs=bool(roles & DIRECTS),
    )


async def lines_of(visit: Visit, house: House) -> list[Line]:
    """The agreements of a structure, newest first; raises refusals."""
    stub = visit.backends.identity.agreements
    found = await visit.ask(stub.ListAgreements, ListAgreementsRequest(page_size=MOST), structure=house.slug)
    houses = await visit.showcase.houses()
    return [_line(agreement, house, houses) for agreement in reversed(found.agreements)]


async def line_of(visit: Visit, house: House) -> Line:
    """The agreement of the address; raises UnknownAgreement."""
    for line in await lines_of(visit, house):
        if line.agreement.agreement_id == visit.path("agreement"):
            return line
    raise UnknownAgreement


def _many(lines: list[Line], state: AgreementState.ValueType) -> int:
    return sum(line.agreement.state == state for line in lines)


def _line(agreement: Agreement, house: House, houses: Mapping[str, House]) -> Line:
    def party(slug: str, signed: Timestamp | None) -> Party:
        return Party(house=houses.get(slug, House(slug=slug, name=slug)), signed=signed)

    by_grantor = agreement.grantor_sign_time if agreement.HasField("grantor_sign_time") else None
    by_home = agreement.home_sign_time if agreement.HasField("home_sign_time") else None
    grantor, home = party(agreement.grantor, by_grantor), party(agreement.home, by_home)
    mine = grantor if agreement.grantor == house.slug else home
    return Line(agreement=agreement, grantor=grantor, home=home, mine=mine)
