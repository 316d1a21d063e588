"""How the organisers share their duties towards the people registered (RGPD art. 26): read, proposed, approved."""

from groupement.shared_identity.v1.joint_event_pb2 import Arrangement, Duty
from groupement.shared_identity.v1.joint_event_service_pb2 import (
    ApproveArrangementRequest,
    ProposeArrangementRequest,
)
from starlette.responses import Response

from portal.forms import Form
from portal.i18n import N_
from portal.pages.organising.desk import MANAGE, Desk, desk_of
from portal.pages.organising.moments import number
from portal.visit import Visit

_MOST_LINES = 30
_BLANK_LINES = 2
_TO = "/arrangement"
_USUAL = (
    (N_("Informer les personnes"), N_("Sur la page d'inscription et dans chaque message.")),
    (
        N_("Répondre aux demandes d'accès et d'effacement"),
        N_("Dans le mois ; toute demande reçue ailleurs est transmise."),
    ),
    (N_("Protéger les données"), N_("Chacun ne voit que ses propres inscrits ; les autres sont comptés.")),
    (N_("Prévenir en cas de fuite"), N_("La CNIL sous 72 heures, les personnes aussitôt.")),
)


async def show(visit: Visit) -> Response:
    """`GET .../{event}/arrangement`"""
    return await _read_page(await desk_of(visit), Form(), 200)


async def show_new(visit: Visit) -> Response:
    """`GET .../{event}/arrangement/nouvelle`: begins with the current version, or with the usual duties."""
    desk = await desk_of(visit, MANAGE)
    return await _write_page(desk, Form(values=_values(desk)), 200)


async def propose(visit: Visit) -> Response:
    """`POST .../{event}/arrangement/nouvelle`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)

    async def do() -> str:
        arrangement = Arrangement(
            outline=form.value("outline"),
            duties=_duties(form),
            contact=form.value("contact"),
            retention_days=number(form, "retention_days"),
        )
        wish = ProposeArrangementRequest(
            event_id=desk.event.event_id, arrangement=arrangement, request_id=form.request_id
        )
        await desk.ask(desk.identity.joint_events.ProposeArrangement, wish)
        return visit.language.say("La nouvelle version est proposée. Vous l'avez approuvée ; les autres l'attendent.")

    async def again(shown: Form, status: int) -> Response:
        return await _write_page(desk, shown, status)

    return await desk.carry_out(form, do, again, to=_TO)


async def approve(visit: Visit) -> Response:
    """`POST .../{event}/arrangement/approuver`: the version that was read, no other."""
    form = await visit.form()
    desk = await desk_of(visit)

    async def do() -> str:
        wish = ApproveArrangementRequest(
            event_id=desk.event.event_id, version=number(form, "version"), request_id=form.request_id
        )
        await desk.ask(desk.identity.joint_events.ApproveArrangement, wish)
        return visit.language.say("L'arrangement est approuvé au nom de %(name)s.", name=desk.own.name)

    async def again(shown: Form, status: int) -> Response:
        return await _read_page(desk, shown, status)

    return await desk.carry_out(form, do, again, to=_TO)


def _duties(form: Form) -> list[Duty]:
    """The lines that say something."""
    return [
        Duty(
            title=form.value(f"duty_{line}"),
            organiser_id=form.value(f"organiser_{line}"),
            terms=form.value(f"terms_{line}"),
        )
        for line in range(_MOST_LINES)
        if form.value(f"duty_{line}")
    ]


def _lines(form: Form) -> int:
    """How many lines to show: those that say something, and some to fill in."""
    last = max((line for line in range(_MOST_LINES) if form.value(f"duty_{line}")), default=-1)
    return min(last + 1 + _BLANK_LINES, _MOST_LINES)


def _values(desk: Desk) -> dict[str, str]:
    """What the form begins with."""
    event, say = desk.event, desk.visit.language.say
    now = event.arrangement
    values = {
        "outline": now.outline,
        "contact": now.contact or (desk.house.data_contact if desk.house else ""),
        "retention_days": str(now.retention_days) if now.version else "180",
    }
    usual = [Duty(title=say(title), organiser_id=desk.organiser_id, terms=say(terms)) for title, terms in _USUAL]
    for line, duty in enumerate(now.duties or usual):
        values |= {f"duty_{line}": duty.title, f"organiser_{line}": duty.organiser_id, f"terms_{line}": duty.terms}
    return values


async def _read_page(desk: Desk, form: Form, status: int) -> Response:
    return await desk.page("arrangement.html", tab="arrangement", status=status, form=form)


async def _write_page(desk: Desk, form: Form, status: int) -> Response:
    return await desk.page(
        "arrangement_new.html",
        tab="arrangement",
        status=status,
        form=form,
        lines=range(_lines(form)),
        organisers=desk.organisers(),
    )
