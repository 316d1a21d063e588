"""An event's own page: what it is, when and where, who organises it, what is left, and how to be there."""

from dataclasses import dataclass
from urllib.parse import quote

from groupement.shared_identity.v1.joint_event_pb2 import (
    ORGANISER_ROLE_CO_ORGANISER,
    ORGANISER_ROLE_HOST_VENUE,
    ORGANISER_ROLE_LEAD,
    ORGANISER_ROLE_PARTNER,
    JointEvent,
    Organiser,
    OrganiserRole,
)
from groupement.shared_identity.v1.registration_pb2 import Ticket
from servicekit.refusals import NotFound
from starlette.responses import Response

from portal.forms import Form
from portal.pages.events.fields import Fields, complete
from portal.pages.events.mine import my_ticket
from portal.pages.events.private import private
from portal.pages.events.seats import Seats, Stage, parts, published, seats_of
from portal.pages.events.structured import structured
from portal.visit import Visit

_ROLES = (ORGANISER_ROLE_LEAD, ORGANISER_ROLE_CO_ORGANISER, ORGANISER_ROLE_HOST_VENUE, ORGANISER_ROLE_PARTNER)


class NoArrangement(NotFound):
    """The organisers have not said yet how they share their duties."""


@dataclass(frozen=True, kw_only=True)
class By:
    """Those who take the same part."""

    role: OrganiserRole.ValueType
    organisers: list[Organiser]


async def show(visit: Visit) -> Response:
    """`GET /evenements/{slug}?invitation=`"""
    event = await published(visit)
    return await event_page(visit, event, await seats_of(visit, event), Form(), 200)


async def back(visit: Visit) -> Response:
    """`GET /evenements/{slug}/inscription`, `/moi`: what was sent there is read on the event's page."""
    return visit.redirect(f"/evenements/{quote(visit.path('slug'), safe='')}")


async def show_arrangement(visit: Visit) -> Response:
    """`GET /evenements/{slug}/arrangement`: who does what with people's data (RGPD art. 26 § 2)."""
    event = await published(visit)
    if not event.HasField("arrangement"):
        raise NoArrangement
    names = {organiser.organiser_id: organiser.name for organiser in event.organisers}
    return await visit.page("events/arrangement.html", event=event, arrangement=event.arrangement, names=names)


async def event_page(visit: Visit, event: JointEvent, seats: Seats, form: Form, status: int) -> Response:
    """The page, with what is wrong with the form of a member when they sent one."""
    ticket: Ticket | None = await my_ticket(visit, event) if visit.session else None
    form = complete(event, form)
    fields = Fields(event=event, seats=seats, form=form, wishing=seats.stage is Stage.FULL)
    response = await visit.page(
        "events/event.html",
        status=status,
        event=event,
        seats=seats,
        stage=seats.stage.value,
        parts=parts(event),
        fields=fields,
        at_once=not fields.moments and not any(question.required for question in event.questions),
        by=_by_role(event),
        ticket=ticket,
        form=form,
        invitation=visit.query("invitation") or form.value("invitation"),
        structured=structured(event, seats, address=f"{visit.portal.settings.url}/evenements/{event.slug}"),
    )
    return private(response) if visit.query("invitation") else response


def _by_role(event: JointEvent) -> list[By]:
    found = [By(role=role, organisers=[o for o in event.organisers if o.role == role]) for role in _ROLES]
    return [by for by in found if by.organisers]
