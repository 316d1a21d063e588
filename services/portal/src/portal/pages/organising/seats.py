"""Seats: how many the event has, what each organiser hands out, what each session holds."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

from groupement.shared_identity.v1.joint_event_pb2 import Organiser, Session
from groupement.shared_identity.v1.registration_pb2 import (
    POOL_KIND_ALLOCATION,
    POOL_KIND_OPEN,
    POOL_KIND_SESSION,
    Pool,
)
from groupement.shared_identity.v1.registration_service_pb2 import (
    GetPoolsRequest,
    SetAllocationRequest,
    SetCapacityRequest,
    SetSessionCapacityRequest,
)
from starlette.responses import Response

from portal.forms import Form
from portal.pages.organising.desk import MANAGE, OWN, Desk, PartIsGone, Undo, desk_of
from portal.pages.organising.moments import day_field, day_start, number, ticked
from portal.visit import Visit


@dataclass(frozen=True, kw_only=True)
class EventSeats:
    """The seats of an event: `open` is for anybody, each allocation for one organiser, each session has its own.

    `others` is what all other organisers hand out, told together to who does not manage the event.
    """

    size: int
    taken: int
    open: Pool
    others: Pool
    allocations: Sequence[tuple[Organiser, Pool]] = field(default_factory=tuple)
    sessions: Sequence[tuple[Session, Pool]] = field(default_factory=tuple)


async def show(visit: Visit) -> Response:
    """`GET .../{event}/places`"""
    desk = await desk_of(visit, OWN)
    return await _seats_page(desk, Form(), 200, part_of="")


async def show_allocation(visit: Visit) -> Response:
    """`GET .../{event}/places/contingents/{organiser}`"""
    desk = await desk_of(visit, MANAGE)
    return await _allocation_page(desk, visit.path("organiser"), None, 200)


async def set_capacity(visit: Visit) -> Response:
    """`POST .../{event}/places`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)

    async def do() -> str:
        wish = SetCapacityRequest(event_id=desk.event.event_id, size=number(form, "size"), request_id=form.request_id)
        await desk.ask(desk.identity.registrations.SetCapacity, wish)
        return visit.language.say("Le nombre de places est enregistré.")

    return await desk.carry_out(form, do, _shown_again(desk, "size"), to="/places")


async def set_session(visit: Visit) -> Response:
    """`POST .../{event}/places/temps/{session}`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)
    session_id = visit.path("session")

    async def do() -> str:
        wish = SetSessionCapacityRequest(
            event_id=desk.event.event_id,
            session_id=session_id,
            size=number(form, "size"),
            request_id=form.request_id,
        )
        await desk.ask(desk.identity.registrations.SetSessionCapacity, wish)
        return visit.language.say("La jauge de ce temps est enregistrée.")

    return await desk.carry_out(form, do, _shown_again(desk, session_id), to="/places")


async def set_allocation(visit: Visit) -> Response:
    """`POST .../{event}/places/contingents/{organiser}`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)
    organiser_id = visit.path("organiser")
    undo = await _undo(desk, organiser_id, form)

    async def do() -> str:
        wish = SetAllocationRequest(
            event_id=desk.event.event_id,
            organiser_id=organiser_id,
            size=number(form, "size"),
            release_time=day_start(form, "release_day"),
            open_to_members=ticked(form, "open_to_members"),
            request_id=form.request_id,
        )
        await desk.ask(desk.identity.registrations.SetAllocation, wish)
        name = desk.organiser(organiser_id).name
        return visit.language.say("Le contingent de %(name)s est enregistré.", name=name)

    async def again(shown: Form, status: int) -> Response:
        return await _allocation_page(desk, organiser_id, shown, status)

    return await desk.carry_out(form, do, again, to="/places", fields={"release_time": "release_day"}, undo=undo)


async def _undo(desk: Desk, organiser_id: str, form: Form) -> Undo | None:
    """The allocation as it was, when this takes seats from it: everybody has them until it is put back."""
    before = next(
        (pool for held, pool in (await pools_of(desk)).allocations if held.organiser_id == organiser_id), None
    )
    if before is None or not form.value("size").isdecimal() or int(form.value("size")) >= before.size:
        return None
    label = desk.visit.language.say("Rendre ses %(size)s places au contingent", size=before.size)
    return Undo(to=f"/places/contingents/{organiser_id}", values=_allocation_values(before), label=label)


def _allocation_values(pool: Pool) -> dict[str, str]:
    return {
        "size": str(pool.size),
        "release_day": day_field(pool.release_time) if pool.HasField("release_time") else "",
        "open_to_members": "oui" if pool.open_to_members else "",
    }


async def pools_of(desk: Desk) -> EventSeats:
    """The seats as they are now; raises refusals."""
    got = await desk.ask(desk.identity.registrations.GetPools, GetPoolsRequest(event_id=desk.event.event_id))
    return event_seats(desk, got.pools)


def event_seats(desk: Desk, pools: Iterable[Pool]) -> EventSeats:
    """Pools sorted out: by what they count, in the order of the event."""
    known = list(pools)
    open_ = next((pool for pool in known if pool.kind == POOL_KIND_OPEN), Pool(kind=POOL_KIND_OPEN))
    allocated = {pool.organiser_id: pool for pool in known if pool.kind == POOL_KIND_ALLOCATION}
    by_session = {pool.session_id: pool for pool in known if pool.kind == POOL_KIND_SESSION}
    of_event = [open_, *allocated.values()]
    return EventSeats(
        size=sum(pool.size for pool in of_event),
        taken=sum(pool.taken for pool in of_event),
        open=open_,
        others=allocated.get("", Pool()),
        allocations=[(o, allocated.get(o.organiser_id, Pool())) for o in desk.event.organisers],
        sessions=[(s, by_session.get(s.session_id, Pool())) for s in desk.event.sessions if s.chosen],
    )


def _shown_again(desk: Desk, part_of: str) -> Callable[[Form, int], Awaitable[Response]]:
    async def again(shown: Form, status: int) -> Response:
        return await _seats_page(desk, shown, status, part_of=part_of)

    return again


async def _seats_page(desk: Desk, form: Form, status: int, *, part_of: str) -> Response:
    """`part_of` says which of the page's small forms was refused: its session, "size" for the event's."""
    return await desk.page(
        "seats.html", tab="places", status=status, form=form, part_of=part_of, seats=await pools_of(desk)
    )


async def _allocation_page(desk: Desk, organiser_id: str, form: Form | None, status: int) -> Response:
    seats = await pools_of(desk)
    found = next((pair for pair in seats.allocations if pair[0].organiser_id == organiser_id), None)
    if found is None:
        raise PartIsGone
    organiser, pool = found
    return await desk.page(
        "allocation.html",
        tab="places",
        status=status,
        form=form or Form(values=_allocation_values(pool)),
        organiser=organiser,
        pool=pool,
        seats=seats,
    )
