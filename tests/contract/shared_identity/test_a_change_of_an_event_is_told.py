"""An event takes place at another time or place: everybody concerned is told what was and what is, once."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from evening import BEFORE, Hall, enrol, prepare
from gathering import DIRECTOR, DIRECTS, EVENT
from identity import CODES, letters
from reciprocity import NORTH
from servicekit.sql import Database
from shared_identity.joint_events import preparing, usecases
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import Details
from shared_identity.joint_events.telling import time_and_place
from shared_identity.mail.domain import Kind, Letter
from shared_identity.mail.wire import Writer
from shared_identity.registrations import changing
from shared_identity.registrations.domain import State

ADA, BOB, CLEO = (f"{name}@demo.example" for name in ("ada", "bob", "cleo"))
HOUR = timedelta(hours=1)
WAIT = timedelta(minutes=5)
WRITER = Writer(portal_url="https://portal.example", sender="Le groupement <nous@demo.example>", codes=CODES)


async def open_hall(database: Database, *, size: int = 4) -> Hall:
    """An evening that is published, and whoever directs it."""
    await prepare(database, size=size)
    async with database.work() as work:
        await enrol(work, DIRECTOR, NORTH)
    return Hall(database=database)


async def event(hall: Hall) -> JointEvent:
    """The evening as it is."""
    async with hall.database.reading() as work:
        return await usecases.event(work, EVENT)


async def change(hall: Hall, **changes: Any) -> JointEvent:
    """What the evening says of itself, changed by who directs it."""
    said: Details = (await event(hall)).details
    async with hall.database.work() as work:
        return await preparing.describe(
            work, DIRECTS, EVENT, replace(said, **changes), etag="", now=hall.now, tell_after=WAIT
        )


async def told(hall: Hall) -> Mapping[str, Letter]:
    """The letters that tell of a change, by address: one each at most."""
    async with hall.database.reading() as work:
        found = [letter for letter in await letters(work) if letter.kind is Kind.EVENT_CHANGED]
    assert len({letter.recipient for letter in found}) == len(found)
    return {letter.recipient: letter for letter in found}


async def wait(hall: Hall, some: timedelta = WAIT) -> None:
    """Time goes by, and does what it does."""
    hall.now += some
    for _ in range(5):
        if not await hall.sweep():
            return


async def test_who_has_a_seat_an_offer_or_a_place_in_the_list_is_told(identity_db: Database) -> None:
    hall = await open_hall(identity_db, size=2)
    seated, gone = [await hall.register(email) for email in (ADA, "gone@demo.example")]
    for email in (BOB, CLEO):
        await hall.join(email)
    await hall.cancel(gone)
    before = await event(hall)
    hall.now += HOUR
    await change(hall, ends_at=before.ends_at + HOUR, venue=replace(before.details.venue, name="L’autre salle"))
    assert await told(hall) == {}
    await wait(hall)
    found = await told(hall)
    assert {email: (await hall.of(email)).state for email in found} == {
        ADA: State.CONFIRMED,
        BOB: State.OFFERED,
        CLEO: State.WAITING,
    }
    assert found[ADA].parameters["was_end"] == before.ends_at.isoformat()
    assert found[ADA].parameters["end"] == (before.ends_at + HOUR).isoformat()
    assert found[ADA].code_id == seated.code_id


async def test_the_letter_says_what_was_and_what_is_and_puts_calendars_right(identity_db: Database) -> None:
    hall = await open_hall(identity_db)
    await hall.register(ADA, locale="en")
    async with identity_db.reading() as work:
        (ticket,) = [letter for letter in await letters(work) if letter.kind is Kind.TICKET]
    before = await event(hall)
    hall.now += HOUR
    await change(hall, starts_at=before.starts_at - HOUR, venue=replace(before.details.venue, name="L’autre salle"))
    await wait(hall)
    mail = WRITER.mail((await told(hall))[ADA])
    text = str(mail.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    assert "– Start: it was Monday, November 30, 2026, 6:00" in text
    assert "it is now Monday, November 30, 2026, 5:00" in text
    assert "Place: it was La salle, 1 rue de l'Essai; it is now L’autre salle, 1 rue de l'Essai" in text
    assert "End:" not in text
    sent, first = (_calendar(WRITER.mail(each)) for each in ((await told(hall))[ADA], ticket))
    assert (sent["UID"], sent["METHOD"]) == (first["UID"], first["METHOD"])
    assert int(sent["SEQUENCE"]) > int(first["SEQUENCE"])
    assert sent["DTSTART"] != first["DTSTART"] and "autre salle" in sent["LOCATION"]


async def test_changes_within_a_few_minutes_are_told_once(identity_db: Database) -> None:
    hall = await open_hall(identity_db)
    await hall.register(ADA)
    before = await event(hall)
    for hours in (1, 2):
        hall.now += WAIT / 2
        await change(hall, ends_at=before.ends_at + hours * HOUR)
    await wait(hall, WAIT - timedelta(seconds=1))
    assert await told(hall) == {}
    await wait(hall, timedelta(seconds=1))
    said = (await told(hall))[ADA].parameters
    assert (said["was_end"], said["end"]) == (
        before.ends_at.isoformat(),
        (before.ends_at + 2 * HOUR).isoformat(),
    )


async def test_what_is_changed_back_is_not_told(identity_db: Database) -> None:
    hall = await open_hall(identity_db)
    await hall.register(ADA)
    before = await event(hall)
    for ends_at in (before.ends_at + HOUR, before.ends_at):
        hall.now += timedelta(seconds=10)
        await change(hall, ends_at=ends_at)
    await wait(hall)
    assert await told(hall) == {}


async def test_other_words_are_not_told(identity_db: Database) -> None:
    hall = await open_hall(identity_db)
    await hall.register(ADA)
    hall.now += HOUR
    await change(hall, title="Une autre soirée", summary="Autrement dite.")
    await wait(hall)
    assert await told(hall) == {}


async def test_who_registered_afterwards_knows_already(identity_db: Database) -> None:
    hall = await open_hall(identity_db)
    await hall.register(ADA)
    hall.now += HOUR
    await change(hall, ends_at=(await event(hall)).ends_at + HOUR)
    hall.now += timedelta(seconds=10)
    await hall.register(BOB)
    await wait(hall)
    assert set(await told(hall)) == {ADA}


async def test_an_event_called_off_meanwhile_is_told_as_that(identity_db: Database) -> None:
    hall = await open_hall(identity_db)
    await hall.register(ADA)
    hall.now += HOUR
    await change(hall, ends_at=(await event(hall)).ends_at + HOUR)
    async with identity_db.work() as work:
        await preparing.cancel(work, DIRECTS, EVENT, "La salle a pris l’eau.", etag="", now=hall.now)
    await wait(hall)
    assert await told(hall) == {}
    async with identity_db.reading() as work:
        assert [letter.kind for letter in await letters(work)][-1] is Kind.EVENT_CANCELLED


async def test_telling_that_comes_late_tells_only_what_still_is_otherwise(identity_db: Database) -> None:
    hall = await open_hall(identity_db)
    await hall.register(ADA)
    now = hall.now + HOUR
    knew = {**time_and_place(await event(hall)), "changed": now.isoformat()}
    async with identity_db.work() as work:
        await changing.tell(work, EVENT, knew, now=now)
    assert await told(hall) == {}, "it was changed back"
    async with identity_db.work() as work:
        await preparing.cancel(work, DIRECTS, EVENT, "La salle a pris l’eau.", etag="", now=now)
        await changing.tell(work, EVENT, {**knew, "place": "Ailleurs"}, now=now)
    assert await told(hall) == {}, "it was called off"


@pytest.mark.parametrize("people", [3, 4, 5])
async def test_many_are_told_a_few_at_a_time_each_once(identity_db: Database, people: int) -> None:
    hall = await open_hall(identity_db, size=people)
    invited = [f"guest{number}@demo.example" for number in range(people)]
    for email in invited:
        await hall.register(email)
    before = await event(hall)
    hall.now = BEFORE + HOUR
    await change(hall, ends_at=before.ends_at + HOUR)
    said = {"start": "", "end": before.ends_at.isoformat(), "place": "", "changed": hall.now.isoformat()}
    async with identity_db.work() as work:
        await changing.tell(work, EVENT, said, now=hall.now, most=2)
    assert len(await told(hall)) == min(people, 2)
    hall.now += timedelta(seconds=1)
    assert await hall.sweep() == 1
    assert set(await told(hall)) == set(invited)


def _calendar(mail: Any) -> Mapping[str, str]:
    """The lines of the entry for a calendar, unfolded."""
    (part,) = [part for part in mail.iter_attachments() if part.get_content_type() == "text/calendar"]
    text = part.get_payload(decode=True).decode().replace("\r\n ", "")
    lines = [line.partition(":") for line in text.splitlines()]
    return {name.partition(";")[0]: value for name, _, value in lines}
