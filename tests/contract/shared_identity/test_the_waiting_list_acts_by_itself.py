"""Whatever frees a seat offers it to the first whose wish fits, in the same transaction; time does the rest."""

from datetime import timedelta

import pytest
from evening import CLOTHING, FEEDING, LODGING, STARTS, Hall, enrol, prepare
from gathering import EVENT, MEMBER, MUTUAL, SECOND
from identity import letters
from reciprocity import SOUTH
from servicekit.sql import Database
from shared_identity.joint_events.domain import JointEvent
from shared_identity.mail.domain import Kind
from shared_identity.registrations import closing, holding
from shared_identity.registrations.domain import Attendee, State
from shared_identity.registrations.refused import NotLapsed, OfferLapsed, RegistrationClosed
from shared_identity.seats.domain import EventFull, SeatsTaken
from shared_identity.seats.usecases import drop

ADA, BOB, CLEO = (f"{name}@demo.example" for name in ("ada", "bob", "cleo"))


async def full(database: Database, *, size: int = 1, rooms: int = 2) -> Hall:
    """An evening whose seats are all taken by guests."""
    await prepare(database, size=size, rooms=rooms)
    hall = Hall(database=database)
    for number in range(size):
        await hall.register(f"guest{number}@demo.example")
    return hall


async def queue(hall: Hall, *emails: str) -> None:
    """People who join the list, a second after one another."""
    for email in emails:
        hall.now += timedelta(seconds=1)
        await hall.join(email)


async def state(hall: Hall, email: str) -> State:
    """Where an address stands."""
    return (await hall.of(email)).state


async def position(hall: Hall, email: str) -> int:
    """The place in the list, as the ticket says it."""
    return (await hall.ticket(await hall.of(email))).position


async def written(hall: Hall, email: str) -> list[Kind]:
    """What was written to an address, oldest first."""
    async with hall.database.reading() as work:
        return [letter.kind for letter in await letters(work) if letter.recipient == email]


async def test_a_seat_given_back_is_offered_to_the_first_and_to_nobody_else(identity_db: Database) -> None:
    hall = await full(identity_db)
    await queue(hall, ADA, BOB)
    assert [await position(hall, email) for email in (ADA, BOB)] == [1, 2]
    await hall.cancel(await hall.of("guest0@demo.example"))
    assert [await state(hall, email) for email in (ADA, BOB)] == [State.OFFERED, State.WAITING]
    assert (await hall.pool()).free == 0
    with pytest.raises(EventFull):
        await hall.hold()
    assert await written(hall, ADA) == [Kind.WAITING, Kind.OFFER]
    assert await position(hall, BOB) == 1


async def test_an_offer_that_lapses_goes_to_the_next_and_may_be_asked_for_again(identity_db: Database) -> None:
    hall = await full(identity_db)
    await queue(hall, ADA, BOB)
    await hall.cancel(await hall.of("guest0@demo.example"))
    offered = await hall.of(ADA)
    hall.now += timedelta(hours=24)
    assert await hall.sweep() == 1
    assert [await state(hall, email) for email in (ADA, BOB)] == [State.LAPSED, State.OFFERED]
    assert await written(hall, ADA) == [Kind.WAITING, Kind.OFFER, Kind.OFFER_LAPSED]
    with pytest.raises(OfferLapsed):
        await hall.accept(offered)
    assert (await hall.rejoin(offered)).position == 1
    await hall.accept(await hall.of(BOB))
    assert (await state(hall, BOB), (await hall.pool()).free) == (State.CONFIRMED, 0)


async def test_an_offer_whose_time_is_over_is_lapsed_before_anybody_sweeps(identity_db: Database) -> None:
    hall = await full(identity_db)
    await queue(hall, ADA)
    await hall.cancel(await hall.of("guest0@demo.example"))
    hall.now += timedelta(hours=24)
    assert (await hall.ticket(await hall.of(ADA))).held.state is State.LAPSED
    assert (await hall.hold()).held.state is State.HELD
    assert await state(hall, ADA) is State.LAPSED


async def test_an_offer_whose_time_is_over_may_be_asked_for_again_before_anybody_sweeps(identity_db: Database) -> None:
    hall = await full(identity_db)
    await queue(hall, ADA, BOB)
    await hall.cancel(await hall.of("guest0@demo.example"))
    hall.now += timedelta(hours=24)
    lapsed = (await hall.ticket(await hall.of(ADA))).held
    assert (lapsed.state, (await hall.rejoin(lapsed)).position) == (State.LAPSED, 1)
    assert [await state(hall, email) for email in (ADA, BOB)] == [State.WAITING, State.OFFERED]
    await hall.cancel(await hall.of(BOB))
    assert await state(hall, ADA) is State.OFFERED
    assert (await hall.pool()).taken == 1
    await hall.accept(await hall.of(ADA))


async def test_who_let_an_offer_lapse_and_came_back_has_one_registration(identity_db: Database) -> None:
    hall = await full(identity_db)
    await queue(hall, ADA)
    await hall.cancel(await hall.of("guest0@demo.example"))
    lapsed = (await hall.decline(await hall.of(ADA))).held
    await hall.register(ADA)
    with pytest.raises(NotLapsed):
        await hall.rejoin(lapsed)


async def test_an_offer_does_not_outlive_the_start_of_the_event(identity_db: Database) -> None:
    hall = await full(identity_db)
    await queue(hall, ADA)
    hall.now = STARTS - timedelta(hours=1)
    await hall.cancel(await hall.of("guest0@demo.example"))
    assert (await hall.of(ADA)).expires_at == STARTS


async def test_accepting_twice_changes_nothing(identity_db: Database) -> None:
    hall = await full(identity_db)
    await queue(hall, ADA)
    await hall.cancel(await hall.of("guest0@demo.example"))
    offered = await hall.of(ADA)
    once, again = await hall.accept(offered), await hall.accept(offered)
    assert once.held == again.held
    assert await written(hall, ADA) == [Kind.WAITING, Kind.OFFER, Kind.TICKET]


async def test_declining_offers_the_seat_to_the_next(identity_db: Database) -> None:
    hall = await full(identity_db)
    await queue(hall, ADA, BOB)
    await hall.cancel(await hall.of("guest0@demo.example"))
    await hall.decline(await hall.of(ADA))
    assert [await state(hall, email) for email in (ADA, BOB)] == [State.LAPSED, State.OFFERED]


async def test_who_leaves_the_list_moves_the_others_up(identity_db: Database) -> None:
    hall = await full(identity_db)
    await queue(hall, ADA, BOB, CLEO)
    await hall.cancel(await hall.of(BOB))
    assert [await position(hall, email) for email in (ADA, CLEO)] == [1, 2]


async def test_a_wish_that_does_not_fit_keeps_its_place(identity_db: Database) -> None:
    await prepare(identity_db, size=2, rooms=1)
    hall = Hall(database=identity_db)
    lodger, other = await hall.register("guest@demo.example", LODGING), await hall.register("other@demo.example")
    await hall.join(ADA, LODGING)
    hall.now += timedelta(seconds=1)
    await hall.join(BOB, FEEDING)
    await hall.cancel(other)
    assert [await state(hall, email) for email in (ADA, BOB)] == [State.WAITING, State.OFFERED]
    await hall.cancel(lodger)
    assert await state(hall, ADA) is State.OFFERED


async def test_who_moves_to_another_workshop_frees_it_for_who_waits(identity_db: Database) -> None:
    await prepare(identity_db, size=2, rooms=1)
    hall = Hall(database=identity_db)
    lodger = await hall.register("guest@demo.example", LODGING)
    await hall.join(ADA, LODGING)
    assert await state(hall, ADA) is State.WAITING
    await hall.move(lodger, CLOTHING)
    assert await state(hall, ADA) is State.OFFERED
    assert (await hall.pool(LODGING)).free == 0


async def test_a_seat_kept_too_long_goes_to_who_waits_and_not_to_who_comes_next(identity_db: Database) -> None:
    await prepare(identity_db, size=1)
    hall = Hall(database=identity_db)
    await hall.hold()
    await queue(hall, ADA)
    hall.now += timedelta(minutes=10)
    with pytest.raises(EventFull):
        await hall.hold()
    await hall.sweep()
    assert await state(hall, ADA) is State.OFFERED


async def test_releasing_a_hold_serves_the_list(identity_db: Database) -> None:
    await prepare(identity_db, size=1)
    hall = Hall(database=identity_db)
    kept = await hall.hold()
    await queue(hall, ADA)
    async with identity_db.work() as work:
        await holding.release(work, hall.office, hall.code(kept.held), now=hall.now)
    assert await state(hall, ADA) is State.OFFERED


async def test_more_seats_serve_the_list_in_order(identity_db: Database) -> None:
    hall = await full(identity_db)
    await queue(hall, ADA, BOB, CLEO)
    await hall.resize(3)
    assert [await state(hall, email) for email in (ADA, BOB, CLEO)] == [State.OFFERED, State.OFFERED, State.WAITING]
    with pytest.raises(SeatsTaken):
        await hall.resize(2)


async def test_more_room_in_a_workshop_serves_the_list(identity_db: Database) -> None:
    await prepare(identity_db, size=3, rooms=1)
    hall = Hall(database=identity_db)
    await hall.register("guest@demo.example", LODGING)
    await hall.join(ADA, LODGING)
    await hall.resize(2, LODGING)
    assert await state(hall, ADA) is State.OFFERED


async def test_joining_when_a_seat_is_free_brings_the_offer_at_once(identity_db: Database) -> None:
    await prepare(identity_db, size=1)
    hall = Hall(database=identity_db)
    await hall.join(ADA)
    assert await state(hall, ADA) is State.OFFERED
    assert await written(hall, ADA) == [Kind.OFFER]


async def test_joining_twice_keeps_the_first_place(identity_db: Database) -> None:
    hall = await full(identity_db)
    await queue(hall, ADA, BOB, ADA)
    assert [await position(hall, email) for email in (ADA, BOB)] == [1, 2]
    assert await written(hall, ADA) == [Kind.WAITING, Kind.WAITING]


async def test_a_member_may_wait_or_be_refused(identity_db: Database) -> None:
    hall = await full(identity_db)
    async with identity_db.work() as work:
        await enrol(work, MEMBER, SOUTH)
    with pytest.raises(EventFull):
        await hall.register_me(MEMBER)
    assert (await hall.register_me(MEMBER, or_wait=True)).state is State.WAITING


async def test_an_allocation_leaves_the_size_of_the_event_alone(identity_db: Database) -> None:
    await prepare(identity_db, size=4)
    hall = Hall(database=identity_db)
    await hall.allocate(SECOND, 3)
    assert ((await hall.seats()).size, (await hall.pool()).size) == (4, 1)
    with pytest.raises(SeatsTaken):
        await hall.allocate(MUTUAL, 2)
    await hall.allocate(SECOND, 1)
    assert ((await hall.seats()).size, (await hall.pool()).size) == (4, 3)


async def test_an_allocation_taken_back_serves_the_list(identity_db: Database) -> None:
    await prepare(identity_db, size=2)
    hall = Hall(database=identity_db)
    await hall.allocate(MUTUAL, 2)
    await queue(hall, ADA)
    assert await state(hall, ADA) is State.WAITING
    await hall.allocate(MUTUAL, 0)
    assert await state(hall, ADA) is State.OFFERED


async def test_what_is_left_of_an_allocation_goes_back_at_its_time(identity_db: Database) -> None:
    await prepare(identity_db, size=3)
    hall = Hall(database=identity_db)
    await hall.allocate(MUTUAL, 2, release_at=hall.now + timedelta(days=1))
    (code,) = await hall.invite(MUTUAL, "invited@demo.example")
    await hall.hold(invitation=code)
    await hall.register("guest@demo.example")
    await queue(hall, ADA, BOB)
    hall.now += timedelta(days=1)
    await hall.sweep()
    assert (await hall.seats()).size == 3
    assert [await state(hall, email) for email in (ADA, BOB)] == [State.OFFERED, State.OFFERED]
    assert (await hall.pool(organiser_id=MUTUAL)).size == 0


async def test_a_release_is_honoured_before_anybody_sweeps(identity_db: Database) -> None:
    await prepare(identity_db, size=1)
    hall = Hall(database=identity_db)
    await hall.allocate(MUTUAL, 1, release_at=hall.now + timedelta(days=1))
    with pytest.raises(EventFull):
        await hall.hold()
    hall.now += timedelta(days=1)
    await hall.hold()
    assert (await hall.pool()).taken == 1


async def test_an_invitee_in_the_list_is_offered_what_was_set_aside(identity_db: Database) -> None:
    await prepare(identity_db, size=2)
    hall = Hall(database=identity_db)
    await hall.allocate(MUTUAL, 1)
    first, second = await hall.invite(MUTUAL, BOB, CLEO)
    kept = await hall.hold(invitation=first)
    await hall.register("guest@demo.example")
    await queue(hall, ADA)
    await hall.join(CLEO, invitation=second)
    async with identity_db.work() as work:
        await holding.release(work, hall.office, hall.code(kept.held), now=hall.now)
    assert [await state(hall, email) for email in (ADA, CLEO)] == [State.WAITING, State.OFFERED]


async def test_a_pool_somebody_sits_in_is_not_dropped(identity_db: Database) -> None:
    await prepare(identity_db, size=3)
    hall = Hall(database=identity_db)
    await hall.allocate(MUTUAL, 2)
    (code,) = await hall.invite(MUTUAL, BOB)
    kept = await hall.hold(invitation=code)
    pool_id = (await hall.pool(organiser_id=MUTUAL)).pool_id
    async with identity_db.work() as work:
        assert not await drop(work, pool_id)
    async with identity_db.work() as work:
        await holding.release(work, hall.office, hall.code(kept.held), now=hall.now)
        assert await drop(work, pool_id)
    assert ((await hall.seats()).size, (await hall.pool()).size) == (3, 3)


async def test_nobody_is_offered_a_seat_once_the_event_has_begun(identity_db: Database) -> None:
    hall = await full(identity_db)
    await queue(hall, ADA)
    hall.now = STARTS
    with pytest.raises(RegistrationClosed):
        await hall.cancel(await hall.of("guest0@demo.example"))
    await hall.resize(5)
    assert await state(hall, ADA) is State.WAITING


async def test_who_walks_in_gets_an_open_seat_as_long_as_there_is_one(identity_db: Database) -> None:
    await prepare(identity_db, size=1)
    hall = Hall(database=identity_db, now=STARTS)
    event = await _event(hall)
    async with identity_db.work() as work:
        seated = await closing.walk_in(work, hall.office, event, Attendee(given_name="Zoé"), now=hall.now)
    async with identity_db.work() as work:
        assert await closing.walk_in(work, hall.office, event, Attendee(given_name="Yan"), now=hall.now) is None
    assert seated is not None
    for _ in range(2):
        async with identity_db.work() as work:
            await closing.leave_again(work, hall.office, seated.registration_id)
    assert (await hall.pool()).taken == 0


async def test_closing_says_who_came_and_who_waited_in_vain(identity_db: Database) -> None:
    hall = await full(identity_db, size=2)
    await queue(hall, ADA)
    came = await hall.of("guest0@demo.example")
    async with identity_db.work() as work:
        await closing.close(work, hall.office, EVENT, {came.registration_id}, now=hall.now)
    assert [held.state for held in await hall.all()][-3:] == [State.ATTENDED, State.NO_SHOW, State.WAITING]


async def test_an_event_called_off_tells_everybody_and_gives_all_seats_back(identity_db: Database) -> None:
    hall = await full(identity_db, size=2)
    await queue(hall, ADA)
    async with identity_db.work() as work:
        await closing.call_off(work, hall.office, EVENT, {"explanation": "La salle a pris l’eau."}, now=hall.now)
    assert (await hall.pool()).taken == 0
    assert {held.state for held in await hall.all()} == {State.CANCELLED}
    async with identity_db.reading() as work:
        last = [letter for letter in await letters(work) if letter.kind is Kind.EVENT_CANCELLED]
    assert [letter.parameters["message"] for letter in last] == ["La salle a pris l’eau."] * 3


async def test_what_people_need_is_forgotten_a_week_after(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    held = await hall.register(ADA, access_needs="une rampe", diet="sans noix")
    hall.now = STARTS + timedelta(hours=5, days=7, seconds=-1)
    await hall.sweep()
    assert (await hall.of(ADA)).attendee == held.attendee
    hall.now += timedelta(seconds=1)
    await hall.sweep()
    assert not (await hall.of(ADA)).attendee.has_needs


async def test_what_people_need_is_forgotten_with_their_seat(identity_db: Database) -> None:
    """Whoever may join the list again keeps theirs until nobody can; the one who came, for a week."""
    await prepare(identity_db, size=2)
    hall = Hall(database=identity_db)
    gone = await hall.register(ADA, access_needs="une rampe", diet="sans noix")
    came = await hall.register("guest@demo.example", diet="sans noix")
    await hall.cancel(gone)
    assert not (await hall.of(ADA)).attendee.has_needs
    await hall.register("other@demo.example")
    for email in (BOB, CLEO):
        await hall.join(email, diet="sans noix")
    await hall.decline(await hall.of(BOB))
    assert (await hall.of(BOB)).attendee.has_needs
    async with identity_db.work() as work:
        await closing.close(work, hall.office, EVENT, {came.registration_id}, now=hall.now)
    needed = [held.attendee.email for held in await hall.all() if held.attendee.has_needs]
    assert needed == ["guest@demo.example"]


async def test_nobody_needs_anything_at_an_event_called_off(identity_db: Database) -> None:
    await prepare(identity_db, size=1)
    hall = Hall(database=identity_db)
    await hall.register(ADA, diet="sans noix")
    await hall.join(BOB, diet="sans noix")
    await hall.decline(await hall.of(BOB))
    async with identity_db.work() as work:
        await closing.call_off(work, hall.office, EVENT, {}, now=hall.now)
    assert not [held for held in await hall.all() if held.attendee.has_needs]


async def _event(hall: Hall) -> JointEvent:
    async with hall.database.reading() as work:
        return await hall.office.events.event(work, EVENT)
