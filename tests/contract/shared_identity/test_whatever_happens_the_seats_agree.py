"""A machine that holds, confirms, waits, accepts, moves, hands over, allocates and lets time pass, in any order.

After each step: no pool above its size, each taken seat somebody's, the size of the event as it was set, nobody lost
from the list, its order kept, and no seat free that somebody who waits could have.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Coroutine, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from engines import Databases
from evening import BEFORE, CLOTHING, FEEDING, LODGING, STARTS, Hall, prepare, wish
from gathering import MUTUAL, SECOND
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from identity import CODES, SHARED_IDENTITY
from servicekit.refusals import Refusal
from servicekit.sql import Database
from servicekit.sql.tables import due
from shared_identity.registrations import holding
from shared_identity.registrations.domain import Registration, State, Terms
from shared_identity.registrations.office import Office
from shared_identity.registrations.tables import invitation, registration, registration_address, registration_basis
from shared_identity.registrations.views import Hold
from shared_identity.schema import METADATA
from shared_identity.seats.domain import PoolKind, Seats
from shared_identity.seats.storage import pool
from shared_identity.seats.usecases import set_session_size, set_size
from shared_identity.throttling.storage import throttle
from sqlalchemy import delete, select

T = TypeVar("T")
Wished = tuple[frozenset[str], frozenset[str]]
"""Sessions wished, organisers whose seats one may have."""

SIZE, ROOMS = 4, 1
TERMS = Terms(hold=timedelta(minutes=10), offer=timedelta(hours=2))
WHO = st.integers(min_value=0, max_value=7)
ROOM = st.sampled_from([(), (LODGING,), (FEEDING,), (CLOTHING,), (LODGING, CLOTHING)])
ORGANISER = st.sampled_from([SECOND, MUTUAL])
ANY = st.integers(min_value=0, max_value=1_000)
MAY_REFUSE = {
    "EVENT_FULL",
    "SESSION_FULL",
    "SEATS_TAKEN",
    "UNKNOWN_HOLD",
    "OFFER_LAPSED",
    "NOT_WAITING",
    "NOT_LAPSED",
    "NO_SEAT",
    "UNKNOWN_TICKET",
    "INVITATION_USED",
    "REGISTRATION_CLOSED",
}
MUST_REACH = {
    "offered",
    "accepted",
    "declined",
    "rejoined",
    "lapsed",
    "moved",
    "transferred",
    "cancelled",
    "allocated",
    "released",
    "resized",
    "EVENT_FULL",
    "SESSION_FULL",
    "SEATS_TAKEN",
    "OFFER_LAPSED",
    "confirmed",
}


class Evening(RuleBasedStateMachine):
    """Four seats, three workshops of one seat, eight people, and whatever happens to them."""

    def __init__(self, database: Database, loop: asyncio.AbstractEventLoop, reached: Counter[str]) -> None:
        super().__init__()
        self.loop, self.reached = loop, reached
        self.hall = Hall(database=database, office=Office(codes=CODES, terms=TERMS))
        self.size = SIZE
        self.holds: list[Hold] = []
        self.codes: list[str] = []
        self.before: Mapping[str, Registration] = {}
        self.left: set[str] = set()
        self.run(self._empty())

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        """Does something where the database lives."""
        done: T = asyncio.run_coroutine_threadsafe(doing, self.loop).result(30)
        return done

    def attempt(self, done: str, *doing: Coroutine[Any, Any, object]) -> bool:
        """Does something, or several things at once, that may be refused for a reason we know."""

        async def together() -> Sequence[object]:
            return await asyncio.gather(*doing, return_exceptions=True)

        results = self.run(together())
        for result in results:
            if isinstance(result, Refusal):
                assert result.reason in MAY_REFUSE, result
                self.reached[result.reason] += 1
            else:
                assert not isinstance(result, BaseException), result
                self.reached[done] += 1
        return not any(isinstance(result, Refusal) for result in results)

    def some(self, which: int, *states: State) -> Registration | None:
        """One of those in these states."""
        found = [held for held in self.run(self.hall.all()) if held.state in states]
        return found[which % len(found)] if found else None

    @rule(minutes=st.sampled_from([1, 11, 60 * 2]))
    def time_passes(self, minutes: int) -> None:
        self.hall.now += timedelta(minutes=minutes)

    @rule()
    def what_is_due_is_done(self) -> None:
        self.run(self.hall.sweep())

    @rule(times=st.integers(min_value=1, max_value=3))
    def hold(self, times: int) -> None:
        async def keep() -> None:
            self.holds.append(await self.hall.hold())

        self.attempt("held", *(keep() for _ in range(times)))

    @rule(organiser_id=ORGANISER, who=WHO)
    def invite_and_hold(self, organiser_id: str, who: int) -> None:
        async def keep() -> None:
            (code,) = await self.hall.invite(organiser_id, _address(who))
            self.codes.append(code)
            self.holds.append(await self.hall.hold(invitation=code))

        self.attempt("invited", keep())

    @rule(which=ANY, who=WHO, rooms=ROOM)
    def confirm(self, which: int, who: int, rooms: tuple[str, ...]) -> None:
        if self.holds:
            kept = self.holds[which % len(self.holds)]
            self.attempt("confirmed", self.hall.confirm(kept, wish(_address(who), *rooms)))

    @rule(who=WHO, rooms=ROOM)
    def register(self, who: int, rooms: tuple[str, ...]) -> None:
        self.attempt("registered", self.hall.register(_address(who), *rooms))

    @rule(which=ANY)
    def give_a_hold_back(self, which: int) -> None:
        if self.holds:
            kept = self.holds.pop(which % len(self.holds))
            self.attempt("given back", self._release(kept))

    @rule(who=WHO, rooms=ROOM)
    def join(self, who: int, rooms: tuple[str, ...]) -> None:
        self.attempt("joined", self.hall.join(_address(who), *rooms))

    @rule(who=WHO, which=ANY)
    def join_by_invitation(self, who: int, which: int) -> None:
        if self.codes:
            code = self.codes[which % len(self.codes)]
            self.attempt("joined", self.hall.join(_address(who), invitation=code))

    @rule(which=ANY)
    def accept(self, which: int) -> None:
        if (held := self.some(which, State.OFFERED, State.LAPSED)) is not None:
            self.attempt("accepted", self.hall.accept(held))

    @rule(which=ANY)
    def decline(self, which: int) -> None:
        if (held := self.some(which, State.OFFERED, State.WAITING)) is not None:
            self.left.add(held.registration_id)
            self.attempt("declined", self.hall.decline(held))

    @rule(which=ANY)
    def rejoin(self, which: int) -> None:
        if (held := self.some(which, State.LAPSED)) is not None:
            self.attempt("rejoined", self.hall.rejoin(held))

    @rule(which=ANY)
    def cancel(self, which: int) -> None:
        if (held := self.some(which, State.CONFIRMED, State.OFFERED, State.WAITING)) is not None:
            self.left.add(held.registration_id)
            self.attempt("cancelled", self.hall.cancel(held))

    @rule(which=ANY, who=WHO)
    def cancel_while_somebody_joins(self, which: int, who: int) -> None:
        if (held := self.some(which, State.CONFIRMED)) is not None:
            self.attempt("cancelled", self.hall.join(_address(who)), self.hall.cancel(held))

    @rule(which=ANY, rooms=ROOM)
    def move(self, which: int, rooms: tuple[str, ...]) -> None:
        if (held := self.some(which, State.CONFIRMED)) is not None:
            self.attempt("moved", self.hall.move(held, *rooms))

    @rule(which=ANY, who=WHO)
    def transfer(self, which: int, who: int) -> None:
        if (held := self.some(which, State.CONFIRMED)) is not None:
            self.left |= self._of_address(_address(who))
            self.attempt("transferred", self.hall.transfer(held, _address(who)))

    @rule(organiser_id=ORGANISER, size=st.integers(min_value=0, max_value=3), hours=st.sampled_from([0, 1, 2]))
    def allocate(self, organiser_id: str, size: int, hours: int) -> None:
        release_at = self.hall.now + timedelta(hours=hours) if hours else None
        self.reached["released"] += self.run(self._is_released())
        if release_at is None or release_at <= STARTS:
            self.attempt("allocated", self.hall.allocate(organiser_id, size, release_at=release_at))

    @rule(size=st.integers(min_value=2, max_value=6))
    def resize(self, size: int) -> None:
        if self.attempt("resized", self.hall.resize(size)):
            self.size = size

    @rule(size=st.integers(min_value=1, max_value=2), room=st.sampled_from([LODGING, FEEDING, CLOTHING]))
    def resize_a_room(self, size: int, room: str) -> None:
        self.attempt("resized", self.hall.resize(size, room))

    @invariant()
    def the_seats_agree(self) -> None:
        seats, found, claims = self.run(self._look())
        _check_pools(seats, found, self.size)
        waiting = {key: held for key, held in found.items() if held.state is State.WAITING}
        wishes = {key: _wished(held, claims[key]) for key, held in waiting.items()}
        if self.hall.now < STARTS:
            _check_nothing_is_left(seats, wishes)
        _check_nobody_is_lost(self.before, found, self.left)
        _check_order(self.before, found, wishes, claims)
        states = Counter(held.state for held in found.values())
        self.reached.update({"offered": states[State.OFFERED], "lapsed": states[State.LAPSED]})
        self.before, self.left = found, set()

    def _of_address(self, email: str) -> set[str]:
        found = self.run(self.hall.all())
        return {held.registration_id for held in found if held.attendee.email == email}

    async def _release(self, kept: Hold) -> None:
        async with self.hall.database.work() as work:
            await holding.release(work, self.hall.office, self.hall.code(kept.held), now=self.hall.now)

    async def _is_released(self) -> bool:
        seats = await self.hall.seats()
        return any(each.release_at is not None and each.size == each.taken for each in seats.allocations)

    async def _look(self) -> tuple[Seats, Mapping[str, Registration], Mapping[str, frozenset[str]]]:
        """The pools, every registration, and whose seats each may have besides the open ones."""
        found = {held.registration_id: held for held in await self.hall.all()}
        async with self.hall.database.reading() as work:
            bases = (await work.execute(select(registration_basis))).all()
        claims = {key: frozenset(row.organiser_id for row in bases if row.registration_id == key) for key in found}
        return await self.hall.seats(), found, claims

    async def _empty(self) -> None:
        """The evening as it was before anybody came."""
        async with self.hall.database.work() as work:
            for table in (registration_basis, registration_address, invitation, registration, pool, due, throttle):
                await work.execute(delete(table))
            event_id = (await work.execute(select(METADATA.tables["joint_event"].c.event_id))).scalar_one()
            await set_size(work, event_id, SIZE)
            for room in (LODGING, FEEDING, CLOTHING):
                await set_session_size(work, event_id, room, ROOMS)


def _address(who: int) -> str:
    return f"guest{who}@demo.example"


def _wished(held: Registration, claims: frozenset[str]) -> Wished:
    return frozenset(held.session_ids), claims


def _check_pools(seats: Seats, found: Mapping[str, Registration], size: int) -> None:
    """What is taken of each pool is who sits there, never more than its size; the event's size is a constant."""
    rooms = {each.session_id: each.pool_id for each in seats.pools if each.kind is PoolKind.SESSION}
    sitting: Counter[str] = Counter()
    for held in found.values():
        if held.state in (State.HELD, State.CONFIRMED, State.OFFERED):
            assert held.pool_id is not None
            sitting[held.pool_id] += 1
        else:
            assert held.pool_id is None
        if held.state in (State.CONFIRMED, State.OFFERED):
            sitting.update(rooms[session_id] for session_id in held.session_ids)
    assert {each.pool_id: each.taken for each in seats.pools if each.taken} == dict(sitting)
    assert all(0 <= each.taken <= each.size for each in seats.pools)
    assert sum(each.size for each in seats.pools if each.kind is not PoolKind.SESSION) == size


def _check_nothing_is_left(seats: Seats, wishes: Mapping[str, Wished]) -> None:
    """No seat is free that somebody who waits could have, with all the rest of their wish."""
    free = {(each.organiser_id, each.session_id): each.free for each in seats.pools}
    for rooms, organisers in wishes.values():
        sits = free["", ""] > 0 or any(free.get((each, ""), 0) > 0 for each in organisers)
        assert not (sits and all(free["", room] > 0 for room in rooms))


def _check_nobody_is_lost(
    before: Mapping[str, Registration], now: Mapping[str, Registration], left: Collection[str]
) -> None:
    """Who waited still waits, at the same place, or was offered a seat; unless they left, or were handed one."""
    for key, held in before.items():
        if held.state is State.WAITING and key not in left:
            after = now[key]
            assert after.state in (State.WAITING, State.OFFERED)
            assert after.joined_at == held.joined_at


def _check_order(
    before: Mapping[str, Registration],
    now: Mapping[str, Registration],
    wishes: Mapping[str, Wished],
    claims: Mapping[str, frozenset[str]],
) -> None:
    """Nobody was offered a seat while somebody before them, who asks for no more than they do, still waits."""
    for key, held in now.items():
        was = before.get(key)
        if held.state is State.OFFERED and was is not None and was.state is State.WAITING:
            rooms, organisers = _wished(held, claims[key])
            for other, (asked, may_have) in wishes.items():
                sooner = _place(now[other]) < _place(was)
                assert not (sooner and asked <= rooms and may_have >= organisers)


def _place(held: Registration) -> tuple[datetime, str]:
    return held.joined_at or BEFORE, held.registration_id


async def test_whatever_happens_the_seats_agree(databases: Databases) -> None:
    database = await databases.make(METADATA, SHARED_IDENTITY)
    await prepare(database, size=SIZE, rooms=ROOMS)
    loop, reached = asyncio.get_running_loop(), Counter[str]()
    bounded = settings(
        max_examples=50,
        stateful_step_count=40,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )

    class Here(Evening):
        """The machine, on this database."""

        def __init__(self) -> None:
            super().__init__(database, loop, reached)

    await asyncio.to_thread(run_state_machine_as_test, Here, settings=bounded)
    assert set(reached) >= MUST_REACH, MUST_REACH - set(reached)
