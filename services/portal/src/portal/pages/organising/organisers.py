"""Who prepares an event: the part each takes, whether it is shown, what it may do; and who acts for each."""

from groupement.shared_identity.v1.joint_event_pb2 import (
    ORGANISER_ACCESS_OWN_REGISTRANTS,
    ORGANISER_ACCESS_UNSPECIFIED,
    ORGANISER_ROLE_CO_ORGANISER,
    ORGANISER_ROLE_UNSPECIFIED,
    Delegate,
    Organiser,
    OrganiserAccess,
    OrganiserRole,
)
from groupement.shared_identity.v1.joint_event_service_pb2 import (
    InviteDelegateRequest,
    ListDelegatesRequest,
    RemoveDelegateRequest,
    RemoveOrganiserRequest,
    SaveOrganiserRequest,
)
from starlette.responses import Response

from portal.forms import Form
from portal.i18n import N_
from portal.pages.organising.desk import DOOR, MANAGE, OWN, Desk, PartIsGone, desk_of
from portal.pages.organising.moments import one_of, ticked
from portal.visit import Visit

NEW = "nouveau"
_TO = "/organisateurs"
_ACCESSES = {
    "1": N_("Nommé, rien de plus."),
    "2": N_("Trouve les personnes par leur prénom et les fait entrer."),
    "3": N_("Voit ses membres et ses invités par leur nom, invite sur son contingent, leur écrit."),
    "4": N_("Change l'annonce, le programme, les places, les organisateurs ; publie et clôt."),
}


async def show(visit: Visit) -> Response:
    """`GET .../{event}/organisateurs`"""
    desk = await desk_of(visit, OWN)
    values = {"organiser_id": desk.organiser_id, "email": "", "access": ""}
    return await _organisers_page(desk, Form(values=values), 200)


async def show_organiser(visit: Visit) -> Response:
    """`GET .../{event}/organisateurs/{organiser}`; `nouveau` adds one."""
    desk = await desk_of(visit, MANAGE)
    organiser = _of_address(desk)
    values = {
        "structure": organiser.structure,
        "name": organiser.name,
        "website": organiser.website,
        "role": str(organiser.role),
        "shown": "oui" if organiser.shown else "",
        "access": str(organiser.access),
    }
    return await _organiser_page(desk, organiser, Form(values=values), 200)


async def save(visit: Visit) -> Response:
    """`POST .../{event}/organisateurs/{organiser}`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)
    before = _of_address(desk)

    async def do() -> str:
        structure = before.structure if before.organiser_id else form.value("structure")
        house = (await visit.showcase.houses()).get(structure)
        saved = await desk.ask(
            desk.identity.joint_events.SaveOrganiser,
            SaveOrganiserRequest(
                event_id=desk.event.event_id,
                organiser=Organiser(
                    organiser_id=before.organiser_id,
                    structure=structure,
                    name=house.name if house else form.value("name"),
                    website="" if house else form.value("website"),
                    role=one_of(OrganiserRole.values(), form.value("role"), ORGANISER_ROLE_UNSPECIFIED),
                    shown=ticked(form, "shown"),
                    access=access_named(form.value("access")),
                ),
                request_id=form.request_id,
            ),
        )
        return visit.language.say("%(name)s est enregistré parmi les organisateurs.", name=saved.organiser.name)

    async def again(shown: Form, status: int) -> Response:
        return await _organiser_page(desk, before, shown, status)

    return await desk.carry_out(form, do, again, to=_TO)


async def remove(visit: Visit) -> Response:
    """`POST .../{event}/organisateurs/{organiser}/retirer`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)
    organiser = _of_address(desk)

    async def do() -> str:
        wish = RemoveOrganiserRequest(
            event_id=desk.event.event_id, organiser_id=organiser.organiser_id, request_id=form.request_id
        )
        await desk.ask(desk.identity.joint_events.RemoveOrganiser, wish)
        return visit.language.say("%(name)s n'organise plus cet événement.", name=organiser.name)

    async def again(shown: Form, status: int) -> Response:
        return await _organisers_page(desk, shown, status)

    return await desk.carry_out(form, do, again, to=_TO)


async def invite_delegate(visit: Visit) -> Response:
    """`POST .../{event}/delegues`"""
    form = await visit.form()
    desk = await desk_of(visit, OWN)

    async def do() -> str:
        wish = InviteDelegateRequest(
            event_id=desk.event.event_id,
            organiser_id=form.value("organiser_id"),
            email=form.value("email"),
            access=access_named(form.value("access")),
            request_id=form.request_id,
        )
        await desk.ask(desk.identity.joint_events.InviteDelegate, wish)
        return visit.language.say("L'invitation part à %(email)s.", email=form.value("email"))

    async def again(shown: Form, status: int) -> Response:
        return await _organisers_page(desk, shown, status)

    return await desk.carry_out(form, do, again, to=_TO)


async def remove_delegate(visit: Visit) -> Response:
    """`POST .../{event}/delegues/{delegate}/retirer`"""
    form = await visit.form()
    desk = await desk_of(visit, OWN)

    async def do() -> str:
        wish = RemoveDelegateRequest(
            event_id=desk.event.event_id, delegate_id=visit.path("delegate"), request_id=form.request_id
        )
        gone = await desk.ask(desk.identity.joint_events.RemoveDelegate, wish)
        return visit.language.say("%(email)s n'a plus accès à cet événement.", email=gone.delegate.email)

    async def again(shown: Form, status: int) -> Response:
        return await _organisers_page(desk, shown, status)

    return await desk.carry_out(form, do, again, to=_TO)


def access_named(text: str) -> OrganiserAccess.ValueType:
    """An access out of a field; unspecified, which the service refuses, when it is none."""
    return one_of(OrganiserAccess.values(), text, ORGANISER_ACCESS_UNSPECIFIED)


def _of_address(desk: Desk) -> Organiser:
    """The organiser of the address, or a fresh one; raises PartIsGone."""
    asked = desk.visit.path("organiser")
    if asked == NEW:
        return Organiser(role=ORGANISER_ROLE_CO_ORGANISER, shown=True, access=ORGANISER_ACCESS_OWN_REGISTRANTS)
    for each in desk.event.organisers:
        if each.organiser_id == asked:
            return each
    raise PartIsGone


async def _delegates(desk: Desk) -> list[Delegate]:
    stub = desk.identity.joint_events
    found: list[Delegate] = []
    token = ""
    while True:
        wish = ListDelegatesRequest(event_id=desk.event.event_id, page_size=200, page_token=token)
        page = await desk.ask(stub.ListDelegates, wish)
        found += page.delegates
        token = page.next_page_token
        if not token:
            return found


async def _organisers_page(desk: Desk, form: Form, status: int) -> Response:
    by_organiser: dict[str, list[Delegate]] = {}
    for delegate in await _delegates(desk):
        by_organiser.setdefault(delegate.organiser_id, []).append(delegate)
    invites_for = [
        each
        for each in desk.event.organisers
        if each.organiser_id == desk.organiser_id or (desk.may_manage and not each.structure)
    ]
    return await desk.page(
        "organisers.html",
        tab="organisateurs",
        status=status,
        form=form,
        delegates=by_organiser,
        invites_for=[(each.organiser_id, each.name) for each in invites_for if each.access >= DOOR],
        accesses=desk.choices("organiser_access", [v for v in OrganiserAccess.values() if DOOR <= v <= desk.access]),
    )


async def _organiser_page(desk: Desk, organiser: Organiser, form: Form, status: int) -> Response:
    there = {each.structure for each in desk.event.organisers}
    houses = await desk.visit.showcase.houses()
    return await desk.page(
        "organiser.html",
        tab="organisateurs",
        status=status,
        form=form,
        organiser=organiser,
        structures=[(slug, each.name) for slug, each in houses.items() if slug not in there],
        roles=desk.choices("organiser_role", OrganiserRole.values()),
        accesses=[
            (value, text, desk.visit.language.say(_ACCESSES[value]))
            for value, text in desk.choices("organiser_access", OrganiserAccess.values())
        ],
    )
