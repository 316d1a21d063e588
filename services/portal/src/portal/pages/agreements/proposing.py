"""Proposing an agreement: who grants what to whose members, at what price, until when."""

import re
from decimal import Decimal, InvalidOperation

from groupement.coworking.v1.place_pb2 import ResourceKind
from groupement.declaration.v1.events_pb2 import MEMBERSHIP_KIND_UNSPECIFIED, MembershipKind
from groupement.shared_identity.v1.agreement_pb2 import HalfDaysClause
from groupement.shared_identity.v1.agreement_service_pb2 import ProposeAgreementRequest
from groupement.type.v1.money_pb2 import Money
from groupement.type.v1.period_pb2 import Period
from servicekit.refusals import Refusal
from starlette.responses import Response

from portal import words
from portal.forms import Form, belongs_in_form
from portal.pages.team import DIRECTS, team_member
from portal.refusals import form_status
from portal.showcase import House
from portal.visit import Visit

CLAUSES = 3
_CLAUSE_FIELDS = ("membership_kind", "resource_kind", "half_days_per_month", "price")
_IN_CLAUSE = re.compile(r"clauses\[(\d+)\]")
_DAYS_OF_NOTICE = 30
_MOST_CENTS = 1_000_000


async def show(visit: Visit) -> Response:
    """`GET /equipe/{structure}/conventions/proposer`"""
    house, _ = await team_member(visit, DIRECTS)
    clauses = {f"{name}_{at}": "" for at in range(CLAUSES) for name in _CLAUSE_FIELDS}
    others = await _others(visit, house)
    values = {
        "direction": "accorde",
        "other": others[0].slug if len(others) == 1 else "",
        "start_date": visit.today().isoformat(),
        "end_date": "",
        "notice_days": str(_DAYS_OF_NOTICE),
    }
    return await _form_page(visit, house, Form(values=values | clauses), 200)


async def propose(visit: Visit) -> Response:
    """`POST /equipe/{structure}/conventions/proposer`: proposed, and signed by us."""
    form = await visit.form()
    house, _ = await team_member(visit, DIRECTS)
    checked = _checked(visit, form)
    if checked.errors:
        return await _form_page(visit, house, checked, 422)
    try:
        await visit.ask(
            visit.backends.identity.agreements.ProposeAgreement, _request(form, house), structure=house.slug
        )
    except Refusal as refusal:
        if not belongs_in_form(refusal):
            raise
        return await _form_page(visit, house, _refused(visit, form, refusal), form_status(refusal))
    say = visit.language.say("La convention est proposée et signée par vous ; l'autre structure la trouve à signer.")
    return visit.redirect(f"/equipe/{house.slug}/conventions?etat=proposees", say=say)


def cents(text: str) -> int | None:
    """An amount as people type it, "6", "6,50", in cents; None for what is none."""
    try:
        amount = Decimal(text.replace(",", ".").replace("€", "").replace(" ", "").replace("\u202f", "") or "0") * 100
    except InvalidOperation:
        return None
    whole = amount.is_finite() and amount == amount.to_integral_value() and 0 <= amount <= _MOST_CENTS
    return int(amount) if whole else None


def _request(form: Form, house: House) -> ProposeAgreementRequest:
    grants = form.value("direction") != "demande"
    other = form.value("other")
    return ProposeAgreementRequest(
        grantor=house.slug if grants else other,
        home=other if grants else house.slug,
        clauses=[_clause(form, at) for at in range(CLAUSES) if _filled(form, at)],
        period=Period(start_date=form.value("start_date"), end_date=form.value("end_date")),
        notice_days=_number(form.value("notice_days")),
        request_id=form.request_id,
    )


def _clause(form: Form, at: int) -> HalfDaysClause:
    return HalfDaysClause(
        membership_kind=_kind(form.value(f"membership_kind_{at}")),
        resource_kind=form.value(f"resource_kind_{at}"),
        half_days_per_month=_number(form.value(f"half_days_per_month_{at}")),
        price=Money(cents=cents(form.value(f"price_{at}")) or 0, currency_code="EUR"),
    )


def _kind(name: str) -> MembershipKind.ValueType:
    """A quality by its name in the contract; unspecified, which is refused, for none of them."""
    return dict(MembershipKind.items()).get(name, MEMBERSHIP_KIND_UNSPECIFIED)


def _filled(form: Form, at: int) -> bool:
    return any(form.value(f"{name}_{at}") for name in _CLAUSE_FIELDS)


def _number(text: str) -> int:
    """A small number; -1, which is refused as out of range, for what is none."""
    return int(text) if text.isdecimal() and len(text) < 5 else -1  # noqa: PLR2004 - no right goes so far


def _checked(visit: Visit, form: Form) -> Form:
    """The form with the amounts that cannot be read."""
    for at in range(CLAUSES):
        if cents(form.value(f"price_{at}")) is None:
            form = form.wrong(f"price_{at}", visit.language.say("Écrivez un montant en euros, par exemple 6 ou 6,50."))
    return form


def _refused(visit: Visit, form: Form, refusal: Refusal) -> Form:
    """The form with what the agreement lacks, at the field of the clause it is about."""
    clause = _IN_CLAUSE.match(refusal.field)
    shown = [at for at in range(CLAUSES) if _filled(form, at)]
    at = shown[int(clause[1])] if clause and int(clause[1]) < len(shown) else 0
    fields = {name: f"{name}_{at}" for name in _CLAUSE_FIELDS} | {
        "cents": f"price_{at}",
        "currency_code": f"price_{at}",
    }
    fields |= {"clauses": f"membership_kind_{at}", "home": "other", "grantor": "other"}
    return form.refused(refusal, visit.language, fields)


async def _others(visit: Visit, house: House) -> list[House]:
    return [other for other in (await visit.showcase.houses()).values() if other.slug != house.slug]


async def _form_page(visit: Visit, house: House, form: Form, status: int) -> Response:
    say = visit.language.say
    spaces = [(name.removeprefix("RESOURCE_KIND_"), say(word)) for name, word in words.RESOURCE_KINDS.items()]
    kinds = [(name, say(word)) for name, word in words.MEMBERSHIP_KINDS.items()]
    return await visit.page(
        "agreements/propose.html",
        status=status,
        house=house,
        form=form,
        others=[(other.slug, other.name) for other in await _others(visit, house)],
        kinds=kinds[1:],
        spaces=[space for space in spaces if space[0] in _spaces()],
        clauses=range(CLAUSES),
        filled=[at for at in range(CLAUSES) if _filled(form, at)],
    )


def _spaces() -> set[str]:
    return {name.removeprefix("RESOURCE_KIND_") for name, number in ResourceKind.items() if number}
