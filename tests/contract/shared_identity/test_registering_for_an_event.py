"""A seat is held while the form is filled, confirmed under an address, given back; nobody learns who comes."""

import asyncio
from datetime import timedelta

import pytest
from doors import Device, doorkeepers
from evening import CLOTHING, FEEDING, LODGING, STARTS, Hall, enrol, heard, prepare, wish
from gathering import EVENT, LEAD, MEMBER, MUTUAL, SECOND, address
from identity import last_letter, letters
from reciprocity import NORTH, SOUTH, WEST
from servicekit.fields import EmailMalformed, FieldMissing
from servicekit.sql import Database
from shared_identity.attendance.domain import ScanKind
from shared_identity.attendance.usecases import present_at, record
from shared_identity.joint_events.refused import UnknownEvent
from shared_identity.mail.domain import Kind
from shared_identity.registrations import holding, organising
from shared_identity.registrations.domain import BasisKind, State
from shared_identity.registrations.refused import (
    AlreadyIn,
    AlreadyRegistered,
    AnswerMalformed,
    InvitationUsed,
    NoSeat,
    NotLapsed,
    NotWaiting,
    OfferLapsed,
    RegistrationClosed,
    SessionsOverlap,
    TooManyHolds,
    TooManyMessages,
    UnknownChoiceOfSession,
    UnknownHold,
    UnknownInvitation,
    UnknownTicket,
)
from shared_identity.seats.domain import EventFull, SessionFull


async def kinds(database: Database, email: str) -> list[Kind]:
    """What was written to an address, oldest first."""
    async with database.reading() as work:
        return [letter.kind for letter in await letters(work) if letter.recipient == email]


async def test_a_seat_kept_is_taken_and_given_back_by_time(identity_db: Database) -> None:
    await prepare(identity_db, size=1)
    hall = Hall(database=identity_db)
    kept = await hall.hold()
    with pytest.raises(EventFull):
        await hall.hold()
    hall.now += timedelta(minutes=10)
    assert await hall.sweep() == 1
    assert (await hall.pool()).taken == 0
    with pytest.raises(UnknownHold):
        await hall.confirm(kept, wish("ada@demo.example"))


async def test_a_seat_kept_too_long_is_free_before_anybody_sweeps(identity_db: Database) -> None:
    await prepare(identity_db, size=1)
    hall = Hall(database=identity_db)
    kept = await hall.hold()
    hall.now += timedelta(minutes=10)
    async with identity_db.reading() as work:
        with pytest.raises(UnknownHold):
            await holding.kept(work, hall.office, hall.code(kept.held), now=hall.now)
    assert (await hall.hold()).held.state is State.HELD
    assert (await hall.pool()).taken == 1


async def test_giving_a_seat_kept_back_twice_changes_nothing(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    kept = await hall.hold()
    async with identity_db.work() as work:
        assert await holding.release(work, hall.office, hall.code(kept.held), now=hall.now) == "une-soiree"
    async with identity_db.work() as work:
        assert await holding.release(work, hall.office, hall.code(kept.held), now=hall.now) == ""
    assert (await hall.pool()).taken == 0


async def test_one_visitor_keeps_so_many_seats_and_no_more(identity_db: Database) -> None:
    await prepare(identity_db, size=20)
    hall = Hall(database=identity_db)
    for _ in range(5):
        await hall.hold("somewhere")
    with pytest.raises(TooManyHolds):
        await hall.hold("somewhere")
    await hall.hold("elsewhere")
    hall.now += timedelta(minutes=10)
    await hall.hold("somewhere")


async def test_confirming_takes_the_workshops_and_brings_the_ticket(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    held = await hall.register("ada@demo.example", LODGING, CLOTHING)
    assert (held.state, held.session_ids) == (State.CONFIRMED, (LODGING, CLOTHING))
    assert [(await hall.pool(room)).taken for room in (LODGING, FEEDING, CLOTHING)] == [1, 0, 1]
    letter = await last_letter(identity_db)
    assert (letter.kind, letter.recipient, letter.code_id) == (Kind.TICKET, "ada@demo.example", held.code_id)
    assert letter.parameters["sessions"] == "Se loger\nSe vêtir"
    assert (await hall.ticket(held)).held == held


async def test_the_code_of_the_form_does_not_open_the_ticket(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    kept = await hall.hold()
    await hall.confirm(kept, wish("ada@demo.example"))
    with pytest.raises(UnknownTicket):
        await hall.ticket(kept.held)


async def test_a_full_workshop_refuses_and_the_seat_stays_kept(identity_db: Database) -> None:
    await prepare(identity_db, rooms=1)
    hall = Hall(database=identity_db)
    await hall.register("ada@demo.example", LODGING)
    kept = await hall.hold()
    with pytest.raises(SessionFull):
        await hall.confirm(kept, wish("bob@demo.example", CLOTHING, LODGING))
    assert (await hall.pool(CLOTHING)).taken == 0
    await hall.confirm(kept, wish("bob@demo.example", FEEDING))
    assert (await hall.of("bob@demo.example")).session_ids == (FEEDING,)


async def test_a_known_address_gives_the_seat_back_and_the_ticket_again(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    held = await hall.register("ada@demo.example", LODGING)
    await hall.confirm(await hall.hold(), wish("ADA@demo.example", FEEDING, given_name="Somebody"))
    assert await hall.of("ada@demo.example") == held
    assert [(await hall.pool(room)).taken for room in ("", LODGING, FEEDING)] == [1, 1, 0]
    assert await kinds(identity_db, "ada@demo.example") == [Kind.TICKET, Kind.TICKET]


async def test_a_known_address_is_not_written_to_without_end(identity_db: Database) -> None:
    await prepare(identity_db, size=20)
    hall = Hall(database=identity_db)
    await hall.register("ada@demo.example")
    for _ in range(8):
        await hall.confirm(await hall.hold(), wish("ada@demo.example"))
    assert len(await kinds(identity_db, "ada@demo.example")) == 1 + 5


@pytest.mark.parametrize(
    ("session_ids", "refusal"),
    [((LODGING, FEEDING), SessionsOverlap), (("session_" + "9" * 32,), UnknownChoiceOfSession)],
)
async def test_sessions_must_go_together(
    identity_db: Database, session_ids: tuple[str, ...], refusal: type[Exception]
) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    kept = await hall.hold()
    with pytest.raises(refusal):
        await hall.confirm(kept, wish("ada@demo.example", *session_ids))


async def test_what_is_typed_is_checked_and_the_field_named(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    kept = await hall.hold()
    with pytest.raises(EmailMalformed) as refused:
        await hall.confirm(kept, wish("nowhere"))
    assert refused.value.field == "attendee.email"
    with pytest.raises(FieldMissing):
        await hall.confirm(kept, wish("ada@demo.example", given_name=" "))
    with pytest.raises(AnswerMalformed):
        await hall.confirm(kept, wish("ada@demo.example", answers={"question_nobody_asked": ("yes",)}))


@pytest.mark.parametrize(
    "typed",
    ["jean..martin@demo.example", "é@demo.example", "a@(b.example", "x:y@demo.example", "x<y@demo.example", "a,b@c.fr"],
)
async def test_what_no_mail_could_be_sent_to_is_refused(identity_db: Database, typed: str) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    with pytest.raises(EmailMalformed) as refused:
        await hall.confirm(await hall.hold(), wish(typed))
    assert refused.value.field == "attendee.email"
    with pytest.raises(EmailMalformed):
        await hall.join(typed)
    with pytest.raises(EmailMalformed) as refused:
        await hall.invite(LEAD, "ada@demo.example", typed)
    assert refused.value.field == "emails[1]"
    with pytest.raises(EmailMalformed):
        await hall.transfer(await hall.register("ada@demo.example"), typed)


async def test_an_address_typed_in_two_ways_is_registered_once(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    await hall.confirm(await hall.hold(), wish("ada@café.example"))
    await hall.confirm(await hall.hold(), wish("ADA@xn--caf-dma.example"))
    assert [held.attendee.email for held in await hall.all() if held.state is State.CONFIRMED] == [
        "ada@xn--caf-dma.example"
    ]


async def test_a_full_workshop_tells_nobody_who_is_registered(identity_db: Database) -> None:
    await prepare(identity_db, rooms=1)
    hall = Hall(database=identity_db)
    await hall.register("ada@demo.example", LODGING)
    kept = await hall.hold()
    for email in ("stranger@demo.example", "ada@demo.example"):
        with pytest.raises(SessionFull):
            await hall.confirm(kept, wish(email, LODGING))
    assert await kinds(identity_db, "ada@demo.example") == [Kind.TICKET]


async def test_a_spent_invitation_tells_nobody_who_is_registered(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    [code] = await hall.invite(LEAD, "guest@demo.example")
    kept = await hall.hold(invitation=code)
    await hall.register("ada@demo.example")
    await hall.join("guest@demo.example", invitation=code)
    for email in ("stranger@demo.example", "ada@demo.example"):
        with pytest.raises(InvitationUsed):
            await hall.confirm(kept, wish(email))


async def test_nobody_registers_once_the_event_has_begun(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db, now=STARTS - timedelta(minutes=1))
    kept = await hall.hold()
    hall.now = STARTS
    with pytest.raises(RegistrationClosed):
        await hall.hold()
    with pytest.raises(RegistrationClosed):
        await hall.join("ada@demo.example")
    with pytest.raises(UnknownHold):
        await hall.confirm(kept, wish("ada@demo.example"))


async def test_there_is_no_seat_at_an_event_nobody_knows(identity_db: Database) -> None:
    hall = Hall(database=identity_db)
    with pytest.raises(UnknownEvent):
        await hall.hold()


async def test_cancelling_frees_seat_workshop_and_address(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    held = await hall.register("ada@demo.example", LODGING)
    assert (await hall.cancel(held)).held.state is State.CANCELLED
    assert (await hall.cancel(held)).held.state is State.CANCELLED
    assert [(await hall.pool(room)).taken for room in ("", LODGING)] == [0, 0]
    assert await kinds(identity_db, "ada@demo.example") == [Kind.TICKET, Kind.REGISTRATION_CANCELLED]
    again = await hall.register("ada@demo.example")
    assert (await hall.ticket(again)).held.state is State.CONFIRMED


async def test_changing_sessions_is_all_or_nothing(identity_db: Database) -> None:
    await prepare(identity_db, rooms=1)
    hall = Hall(database=identity_db)
    await hall.register("ada@demo.example", FEEDING)
    held = await hall.register("bob@demo.example", LODGING)
    with pytest.raises(SessionFull):
        await hall.move(held, FEEDING, CLOTHING)
    assert [(await hall.pool(room)).taken for room in (LODGING, FEEDING, CLOTHING)] == [1, 1, 0]
    moved = (await hall.move(held, CLOTHING)).held
    assert [(await hall.pool(room)).taken for room in (LODGING, FEEDING, CLOTHING)] == [0, 1, 1]
    assert moved.version == held.version + 1


async def test_only_who_has_a_seat_moves_or_hands_it_over(identity_db: Database) -> None:
    await prepare(identity_db, size=1)
    hall = Hall(database=identity_db)
    await hall.register("ada@demo.example")
    await hall.join("bob@demo.example")
    waiting = await hall.of("bob@demo.example")
    with pytest.raises(NoSeat):
        await hall.move(waiting, LODGING)
    with pytest.raises(NoSeat):
        await hall.transfer(waiting, "cleo@demo.example")
    with pytest.raises(OfferLapsed):
        await hall.accept(waiting)
    with pytest.raises(NotLapsed):
        await hall.rejoin(waiting)
    with pytest.raises(NotWaiting):
        await hall.decline(await hall.of("ada@demo.example"))


async def test_a_ticket_handed_over_has_another_code_and_no_needs(identity_db: Database) -> None:
    await prepare(identity_db, size=1)
    hall = Hall(database=identity_db)
    held = await hall.register("ada@demo.example", LODGING, access_needs="une rampe", diet="sans noix")
    await hall.transfer(held, "bob@demo.example")
    with pytest.raises(UnknownTicket):
        await hall.ticket(held)
    heir = await hall.of("bob@demo.example")
    assert (heir.state, heir.session_ids, heir.attendee.has_needs) == (State.CONFIRMED, (LODGING,), False)
    assert [(await hall.pool(room)).taken for room in ("", LODGING)] == [1, 1]
    assert await kinds(identity_db, "ada@demo.example") == [Kind.TICKET, Kind.TICKET_TRANSFERRED]
    assert await kinds(identity_db, "bob@demo.example") == [Kind.TICKET]


async def test_a_seat_handed_to_who_has_one_goes_back_and_nobody_is_told(identity_db: Database) -> None:
    await prepare(identity_db, size=2)
    hall = Hall(database=identity_db)
    ada, bob = await hall.register("ada@demo.example"), await hall.register("bob@demo.example")
    await hall.transfer(ada, "bob@demo.example")
    assert await hall.of("bob@demo.example") == bob
    assert (await hall.pool()).taken == 1


async def test_a_seat_handed_to_who_waits_takes_them_out_of_the_list(identity_db: Database) -> None:
    await prepare(identity_db, size=1)
    hall = Hall(database=identity_db)
    ada = await hall.register("ada@demo.example")
    await hall.join("bob@demo.example")
    await hall.transfer(ada, "bob@demo.example")
    states = [held.state for held in await hall.all() if held.attendee.email == "bob@demo.example"]
    assert states == [State.CANCELLED, State.CONFIRMED]
    assert (await hall.pool()).taken == 1


async def test_a_seat_handed_to_the_same_address_stays(identity_db: Database) -> None:
    await prepare(identity_db, size=1)
    hall = Hall(database=identity_db)
    await hall.transfer(await hall.register("ada@demo.example"), "ada@demo.example")
    assert (await hall.ticket(await hall.of("ada@demo.example"))).held.state is State.CONFIRMED
    assert (await hall.pool()).taken == 1


async def test_a_member_registers_in_one_go_and_their_structures_are_told(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    async with identity_db.work() as work:
        await enrol(work, MEMBER, NORTH, WEST)
    held = await hall.register_me(MEMBER, LODGING)
    assert (held.attendee.email, held.person_id) == (address(MEMBER), MEMBER)
    assert [(basis.organiser_id, basis.kind) for basis in held.bases] == [(LEAD, BasisKind.MEMBER)]
    assert await heard(identity_db, "confirmed") == {NORTH: held.version, WEST: held.version}
    with pytest.raises(AlreadyRegistered):
        await hall.register_me(MEMBER)
    gone = (await hall.cancel(held)).held
    assert await heard(identity_db, "cancelled") == {NORTH: gone.version, WEST: gone.version}


async def test_a_member_who_registers_somebody_else_tells_nobody(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    async with identity_db.work() as work:
        await enrol(work, MEMBER, NORTH)
    await hall.confirm(await hall.hold(person_id=MEMBER), wish("friend@demo.example"), person_id=MEMBER)
    held = await hall.of("friend@demo.example")
    assert (held.person_id, held.told) == (None, frozenset())
    assert await heard(identity_db, "confirmed") == {}


async def test_members_take_what_is_open_and_then_what_is_their_structures(identity_db: Database) -> None:
    await prepare(identity_db, size=2)
    hall = Hall(database=identity_db)
    async with identity_db.work() as work:
        await enrol(work, MEMBER, SOUTH)
    await hall.allocate(SECOND, 1, open_to_members=True)
    await hall.register("ada@demo.example")
    with pytest.raises(EventFull):
        await hall.hold()
    held = await hall.register_me(MEMBER)
    assert held.pool_id == (await hall.pool(organiser_id=SECOND)).pool_id


async def test_an_invitation_opens_a_seat_of_who_invites_and_serves_once(identity_db: Database) -> None:
    await prepare(identity_db, size=2)
    hall = Hall(database=identity_db)
    await hall.allocate(MUTUAL, 1)
    await hall.register("ada@demo.example")
    (code,) = await hall.invite(MUTUAL, "bob@demo.example")
    kept = await hall.hold(invitation=code)
    assert kept.invited_by == "La mutuelle"
    again = await hall.invite(MUTUAL, "bob@demo.example")
    assert again == [code]
    assert await kinds(identity_db, "bob@demo.example") == [Kind.INVITATION]
    await hall.confirm(kept, wish("bobby@demo.example"))
    assert (await hall.pool(organiser_id=MUTUAL)).taken == 1
    with pytest.raises(InvitationUsed):
        await hall.hold(invitation=code)
    with pytest.raises(UnknownInvitation):
        await hall.hold(invitation="nothing")


async def test_one_invitation_keeps_one_seat(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    await hall.allocate(MUTUAL, 3)
    (code,) = await hall.invite(MUTUAL, "bob@demo.example")
    first, second = await asyncio.gather(hall.hold("here", invitation=code), hall.hold("there", invitation=code))
    assert first == second
    assert (await hall.pool(organiser_id=MUTUAL)).taken == 1
    hall.now += timedelta(minutes=10)
    third = await hall.hold(invitation=code)
    assert third.held.registration_id != first.held.registration_id
    await hall.confirm(third, wish("bob@demo.example"))
    with pytest.raises(UnknownHold):
        await hall.confirm(third, wish("eve@demo.example"))
    with pytest.raises(InvitationUsed):
        await hall.hold(invitation=code)


async def test_what_is_written_down_opens_nothing(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    held = await hall.register("ada@demo.example")
    async with identity_db.reading() as work:
        rows = (await work.connection.exec_driver_sql("SELECT * FROM registration")).all()
        told = (await work.connection.exec_driver_sql("SELECT * FROM letter")).all()
    assert hall.code(held) not in f"{rows}{told}"
    assert EVENT in f"{rows}"


async def test_one_seat_lets_one_person_in(identity_db: Database) -> None:
    """Doors open before the event begins: who is in neither hands the ticket over nor gives the seat back."""
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    await doorkeepers(hall)
    held = await hall.register("ada@demo.example")
    hall.now = STARTS - timedelta(minutes=20)
    device = Device(hall=hall, clock=hall.now)
    assert await device.outcomes(device.sees(held)) == ["IN"]
    with pytest.raises(AlreadyIn):
        await hall.transfer(held, "bob@demo.example")
    with pytest.raises(AlreadyIn):
        await hall.cancel(held)
    assert await hall.states() == [("ada", "CONFIRMED")]
    assert await device.outcomes(device.sees(held, ScanKind.UNDO)) == ["UNDONE"]
    await hall.transfer(held, "bob@demo.example")
    assert await hall.states() == [("ada", "CANCELLED"), ("bob", "CONFIRMED")]


async def test_an_organiser_takes_no_seat_back_from_who_is_in(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    await doorkeepers(hall)
    async with identity_db.work() as work:
        await enrol(work, MEMBER, NORTH)
    held = await hall.register_me(MEMBER)
    hall.now = STARTS - timedelta(minutes=20)
    device = Device(hall=hall, clock=hall.now)
    assert await device.outcomes(device.sees(held)) == ["IN"]
    with pytest.raises(AlreadyIn):
        async with identity_db.work() as work:
            event = await hall.office.events.event(work, EVENT)
            await organising.withdraw(
                work, hall.office, event, LEAD, held.registration_id, present_at=present_at, now=hall.now
            )


async def test_who_comes_in_while_their_ticket_is_handed_over_keeps_it(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    await doorkeepers(hall)
    held = await hall.register("ada@demo.example")
    hall.now = STARTS - timedelta(minutes=20)
    device = Device(hall=hall, clock=hall.now)
    async with identity_db.work() as work:
        scans = [device.sees(held)]
        await record(work, device.caller, EVENT, scans, office=hall.office, now=hall.now)
        handing_over = asyncio.create_task(hall.transfer(held, "bob@demo.example"))
        await asyncio.sleep(0.3)
    with pytest.raises(AlreadyIn):
        await handing_over


async def test_a_seat_set_aside_for_members_goes_to_no_stranger(identity_db: Database) -> None:
    """Neither to whoever holds it signed in and fills the form as somebody else, nor does it tell who is registered."""
    await prepare(identity_db, size=2)
    hall = Hall(database=identity_db)
    async with identity_db.work() as work:
        await enrol(work, MEMBER, SOUTH)
    await hall.allocate(SECOND, 1, open_to_members=True)
    await hall.register("ada@demo.example")
    kept = await hall.hold(person_id=MEMBER)
    for email, person_id in (("friend@demo.example", MEMBER), ("ada@demo.example", MEMBER), (address(MEMBER), None)):
        with pytest.raises(UnknownHold):
            await hall.confirm(kept, wish(email), person_id=person_id)
    await hall.confirm(kept, wish(address(MEMBER)), person_id=MEMBER)
    assert (await hall.of(address(MEMBER))).pool_id == (await hall.pool(organiser_id=SECOND)).pool_id


async def test_a_seat_of_an_invitation_taken_back_is_confirmed_by_nobody(identity_db: Database) -> None:
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    await hall.allocate(MUTUAL, 1)
    (code,) = await hall.invite(MUTUAL, "bob@demo.example")
    kept = await hall.hold(invitation=code)
    await hall.revoke(MUTUAL)
    with pytest.raises(InvitationUsed):
        await hall.confirm(kept, wish("bob@demo.example"))


async def test_inviting_and_taking_back_does_not_write_without_end(identity_db: Database) -> None:
    """Nobody is invited in vain: who cannot be written to any more is named, and the others of the same go wait."""
    await prepare(identity_db)
    hall = Hall(database=identity_db)
    for _ in range(5):
        await hall.invite(MUTUAL, "bob@demo.example")
        await hall.revoke(MUTUAL)
    with pytest.raises(TooManyMessages) as refused:
        await hall.invite(MUTUAL, "zoe@demo.example", "bob@demo.example")
    assert refused.value.field == "emails[1]"
    assert await kinds(identity_db, "bob@demo.example") == [Kind.INVITATION] * 5
    assert await kinds(identity_db, "zoe@demo.example") == []
    hall.now += timedelta(days=1)
    await hall.invite(MUTUAL, "zoe@demo.example", "bob@demo.example", "zoe@demo.example")
    assert await kinds(identity_db, "bob@demo.example") == [Kind.INVITATION] * 6
    assert await kinds(identity_db, "zoe@demo.example") == [Kind.INVITATION]
