"""A machine that books, cancels, lets in, opens and closes rights in any order: the books always agree."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from datetime import date, timedelta
from typing import Any, TypeVar

from coworking.bookings import usecases as bookings
from coworking.bookings.domain import Booking, BookingState, BookingWish, Coverage
from coworking.bookings.subscribers import BookingSubscriber
from coworking.check_ins import usecases as door
from coworking.check_ins.domain import Card
from coworking.rights.subscribers import RightsSubscriber
from coworking.tables import METADATA, booking, check_in, entitlement, entitlement_month, resource_slot, usage
from engines import Databases
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule, run_state_machine_as_test
from servicekit.identifiers import new_id
from servicekit.refusals import Refusal
from servicekit.sql import Database
from sqlalchemy import select
from stored import Hands
from village import LA_RUCHE, NOW, TODAY, Ear, a_place, a_resource, a_wish, closed, opened, settle, told

T = TypeVar("T")
UNITS = 2
PEOPLE = st.integers(min_value=0, max_value=2)
STARTS = st.sampled_from([8.0, 9.0, 11.5, 12.75, 13.0, 15.25])
LENGTHS = st.sampled_from([0.25, 1.0, 4.0])
DAYS = st.integers(min_value=0, max_value=1)
WAYS = st.sampled_from([None, Coverage.PRICE, Coverage.ENTITLEMENT])
MAY_REFUSE = {
    "RESOURCE_ALREADY_BOOKED",
    "NO_HALF_DAYS_LEFT",
    "IN_THE_PAST",
    "ALREADY_CHECKED_IN",
    "NO_BOOKING_NOW",
}


class Books(RuleBasedStateMachine):
    """One place with two seats, three people, and whatever happens to them."""

    made = Bundle("made")

    def __init__(self, database: Database, loop: asyncio.AbstractEventLoop, reached: Counter[str]) -> None:
        super().__init__()
        self.database, self.loop, self.reached = database, loop, reached
        self.hands = Hands(NOW)
        self.people = [new_id("person") for _ in range(3)]
        self.rights = {person: new_id("entitlement") for person in self.people}
        self.versions: Counter[str] = Counter()
        subscriptions = [
            *RightsSubscriber(clock=self.hands).subscriptions(),
            *BookingSubscriber(clock=self.hands).subscriptions(),
        ]
        self.ear = Ear(database, subscriptions, self.hands)
        self.place = a_place()
        self.seats = a_resource(self.place, units=UNITS)
        self.run(settle(database, self.place, self.seats))

    def run(self, doing: Coroutine[Any, Any, T]) -> T:
        """Does something where the database lives."""
        return asyncio.run_coroutine_threadsafe(doing, self.loop).result(30)

    def attempt(self, doing: Coroutine[Any, Any, T]) -> T | None:
        """Does something that may be refused, for a reason we know."""
        try:
            return self.run(doing)
        except Refusal as refusal:
            assert refusal.reason in MAY_REFUSE, refusal
            self.reached[refusal.reason] += 1
            return None

    @rule(hours=st.sampled_from([0.25, 0.5, 2]))
    def time_passes(self, hours: float) -> None:
        self.hands.forward(timedelta(hours=hours))

    @rule(person=PEOPLE, quota=st.integers(min_value=0, max_value=3), last=st.sampled_from(["", "2026-11-04"]))
    def open_right(self, person: int, quota: int, last: str) -> None:
        right = self.rights[self.people[person]]
        self.versions[right] += 1
        fact = opened(right, self.people[person], quota=quota, last=last)
        self.run(self.ear.hear(fact, right, self.versions[right], times=2))

    @rule(person=PEOPLE, last=st.integers(min_value=-1, max_value=1))
    def close_right(self, person: int, last: int) -> None:
        right = self.rights[self.people[person]]
        self.versions[right] += 1
        fact = closed(right, (TODAY + timedelta(days=last)).isoformat())
        self.run(self.ear.hear(fact, right, self.versions[right], times=2))

    @rule(target=made, person=PEOPLE, start=STARTS, length=LENGTHS, day=DAYS, coverage=WAYS)
    def book(self, person: int, start: float, length: float, day: int, coverage: Coverage | None) -> Any:
        booked = self.attempt(self._book(self._wish(person, start, length, day, coverage)))
        return multiple() if booked is None else booked

    @rule(target=made, first=PEOPLE, second=PEOPLE, start=STARTS, day=DAYS, coverage=WAYS)
    def three_book_at_once(self, first: int, second: int, start: float, day: int, coverage: Coverage | None) -> Any:
        wishes = [self._wish(person, start, 1.0, day, coverage) for person in (first, second, first)]

        async def together() -> list[Any]:
            return await asyncio.gather(*map(self._book, wishes), return_exceptions=True)

        results = self.run(together())
        assert all(isinstance(one, str) or getattr(one, "reason", "") in MAY_REFUSE for one in results), results
        self.reached.update(one.reason for one in results if isinstance(one, Refusal))
        return multiple(*(one for one in results if isinstance(one, str)))

    @rule(booking_id=made)
    def cancel(self, booking_id: str) -> None:
        self.attempt(self._cancel(booking_id))

    @rule(booking_id=made)
    def let_in(self, booking_id: str) -> None:
        self.attempt(self._let_in(booking_id))

    @rule(booking_id=made)
    def come_on_time_to_two_doors(self, booking_id: str) -> None:
        booked = self.run(self._find(booking_id))
        self.hands.at = max(self.hands.at, booked.span.start - timedelta(minutes=30))

        async def together() -> list[Any]:
            shown = (self._show_card(booked.person_id) for _ in range(2))
            return await asyncio.gather(*shown, return_exceptions=True)

        results = self.run(together())
        assert all(isinstance(one, str) or getattr(one, "reason", "") == "NO_BOOKING_NOW" for one in results), results

    @invariant()
    def the_books_agree(self) -> None:
        self.run(self._check())

    def _wish(self, person: int, start: float, length: float, day: int, coverage: Coverage | None) -> BookingWish:
        return a_wish(self.seats, self.people[person], start, start + length, day=day, coverage=coverage)

    async def _book(self, wish: BookingWish) -> str:
        async with self.database.work() as work:
            booked = (await bookings.book(work, wish, now=self.hands())).booking_id
        self.reached["booked"] += 1
        return booked

    async def _find(self, booking_id: str) -> Booking:
        async with self.database.reading() as work:
            found = await bookings.booking(work, booking_id)
        assert found is not None
        return found

    async def _cancel(self, booking_id: str) -> None:
        async with self.database.work() as work:
            await bookings.cancel(work, booking_id, by=None, now=self.hands())

    async def _let_in(self, booking_id: str) -> None:
        async with self.database.work() as work:
            await door.check_in_booking(work, booking_id, now=self.hands())

    async def _show_card(self, person_id: str) -> str:
        card = Card(card_id=new_id("card"), person_id=person_id, expires_at=NOW + timedelta(days=900))
        async with self.database.work() as work:
            came, _ = await door.check_in_by_card(work, card, self.place.place_id, now=self.hands())
        self.reached["came"] += 1
        return came.check_in_id

    async def _check(self) -> None:
        async with self.database.reading() as work:
            mine = booking.c.place_id == self.place.place_id
            all_of_them = (await work.execute(select(booking).where(mine))).all()
            live = [row for row in all_of_them if row.state != BookingState.CANCELLED.value]
            slots = await work.execute(
                select(resource_slot).where(resource_slot.c.resource_id == self.seats.resource_id)
            )
            _check_slots(live, {(row.unit, row.starts_at): row.booking_id for row in slots})
            of_mine = entitlement.c.entitlement_id.in_(self.rights.values())
            rights = {row.entitlement_id: row for row in await work.execute(select(entitlement).where(of_mine))}
            of_mine = entitlement_month.c.entitlement_id.in_(self.rights.values())
            _check_counters(live, (await work.execute(select(entitlement_month).where(of_mine))).all())
            _check_closed(live, rights)
            ids = [row.booking_id for row in all_of_them]
            came = (await work.execute(select(check_in).where(check_in.c.booking_id.in_(ids)))).all()
            used = (await work.execute(select(usage).where(usage.c.booking_id.in_(ids)))).all()
            _check_presences(live, [row.booking_id for row in came], [row.booking_id for row in used])
        await self._check_facts({row.booking_id: row.version for row in all_of_them}, {row.usage_id for row in used})

    async def _check_facts(self, versions: dict[str, int], usages: set[str]) -> None:
        said: dict[str, list[int]] = {}
        for each in await told(self.database):
            said.setdefault(each.fact.aggregate_id, []).append(each.fact.version)
        assert {one: said[one] for one in versions} == {one: list(range(1, v + 1)) for one, v in versions.items()}
        assert all(said[one] == [1] for one in usages)


def _check_slots(live: list[Any], held: dict[tuple[int, Any], str]) -> None:
    """No unit is given twice, and slots are exactly the quarters of live bookings."""
    wanted = [
        ((row.unit, row.start_at + timedelta(minutes=15) * quarter), row.booking_id)
        for row in live
        for quarter in range((row.end_at - row.start_at) // timedelta(minutes=15))
    ]
    assert len(wanted) == len(dict(wanted))
    assert dict(wanted) == held
    assert all(1 <= row.unit <= UNITS for row in live)


def _check_counters(live: list[Any], months: Any) -> None:
    """What is taken of a right is the sum of its live bookings, and never more than its quota."""
    taken: Counter[tuple[str, str]] = Counter()
    for row in live:
        if row.entitlement_id is not None:
            taken[row.entitlement_id, f"{row.day:%Y-%m}"] += row.half_days
    assert {(row.entitlement_id, row.month): row.taken for row in months if row.taken} == dict(taken)
    assert all(row.taken <= row.quota for row in months)


def _check_closed(live: list[Any], rights: dict[str, Any]) -> None:
    """No booking to come rests on a right after its last day."""
    for row in live:
        right = rights.get(row.entitlement_id)
        if right is not None and row.state == BookingState.CONFIRMED.value:
            assert row.day <= (right.ends_on or date.max)


def _check_presences(live: list[Any], came: list[str], used: list[str]) -> None:
    """Who was checked in came once, and each coming under a right is one usage."""
    checked_in = {row.booking_id for row in live if row.state == BookingState.CHECKED_IN.value}
    under_a_right = {row.booking_id for row in live if row.entitlement_id is not None} & checked_in
    assert Counter(came) == Counter(checked_in)
    assert Counter(used) == Counter(under_a_right)


async def test_whatever_happens_the_books_agree(databases: Databases) -> None:
    database = await databases.make(METADATA, LA_RUCHE)
    loop, reached = asyncio.get_running_loop(), Counter[str]()
    bounded = settings(
        max_examples=25,
        stateful_step_count=30,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )

    class Here(Books):
        """The machine, on this database."""

        def __init__(self) -> None:
            super().__init__(database, loop, reached)

    await asyncio.to_thread(run_state_machine_as_test, Here, settings=bounded)
    assert {"booked", "came", "RESOURCE_ALREADY_BOOKED", "NO_HALF_DAYS_LEFT"} <= set(reached), reached
