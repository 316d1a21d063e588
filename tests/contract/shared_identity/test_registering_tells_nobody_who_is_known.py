"""Registering, proving an address, resetting a password: the same for all, and nothing a stranger set survives."""

from dataclasses import replace
from datetime import timedelta

import pytest
from identity import CAMILLE, CODES, NOW, SAM, count, last_letter, letters, person_of, rows, settle, wish
from servicekit.refusals import Refusal
from servicekit.sql import Database
from servicekit.sql.tables import outbox
from shared_identity.mail.domain import Kind
from shared_identity.people import usecases
from shared_identity.people.domain import Change, TooManyNames, UnknownCode, UnknownPerson
from shared_identity.people.storage import person, person_code

DAY = timedelta(days=1)


async def register(db: Database, email: str = "nouvelle@demo.example", **said: str) -> str:
    """Registers and gives the code mailed, "" when the letter carries none."""
    async with db.work() as work:
        await usecases.register(work, wish(email, **said), codes=CODES, now=NOW)
    letter = await last_letter(db)
    return CODES.secret_of(letter.code_id) if letter.code_id else ""


async def verify(db: Database, code: str, *, now: object = NOW) -> None:
    async with db.work() as work:
        await usecases.verify_email(work, code, now=now)  # type: ignore[arg-type]


async def reset_code(db: Database, email: str) -> str:
    async with db.work() as work:
        await usecases.request_password_reset(work, email, codes=CODES, now=NOW)
    return CODES.secret_of((await last_letter(db)).code_id)


async def test_a_newcomer_is_known_once_the_letter_is_answered(identity_db: Database) -> None:
    code = await register(identity_db, password_hash="hash")
    assert (await person_of(identity_db, "nouvelle@demo.example")).usable_password_hash == ""
    await verify(identity_db, code)
    known = await person_of(identity_db, "nouvelle@demo.example")
    assert (known.email_verified, known.usable_password_hash) == (True, "hash")
    told = [row.subject for row in await rows(identity_db, outbox)]
    assert told == [
        "groupement.shared_identity.own.person.registered",
        "groupement.shared_identity.own.person.verified",
    ]


async def test_registering_somebody_known_makes_nobody_new_and_writes_to_them(identity_db: Database) -> None:
    await settle(identity_db, CAMILLE)
    assert await register(identity_db, CAMILLE.email, given_name="Stranger", password_hash="theirs") == ""
    assert await person_of(identity_db, CAMILLE.email) == CAMILLE
    assert (await last_letter(identity_db)).kind is Kind.ALREADY_REGISTERED
    assert await count(identity_db, person) == 1


async def test_what_a_stranger_asked_for_an_address_dies_when_its_owner_registers(identity_db: Database) -> None:
    stranger = await register(identity_db, given_name="Stranger", password_hash="theirs")
    mine = await register(identity_db, given_name="Mine", password_hash="mine")
    await verify(identity_db, mine)
    known = await person_of(identity_db, "nouvelle@demo.example")
    assert (known.given_name, known.password_hash) == ("Mine", "mine")
    with pytest.raises(UnknownCode):
        await verify(identity_db, stranger)


async def test_a_link_that_signs_in_forgets_what_a_stranger_asked_for(identity_db: Database) -> None:
    stranger = await register(identity_db, password_hash="theirs")
    unproved = await person_of(identity_db, "nouvelle@demo.example")
    async with identity_db.work() as work:
        await usecases.prove_email(work, unproved.person_id, now=NOW)
    assert (await person_of(identity_db, unproved.email)).password_hash == ""
    with pytest.raises(UnknownCode):
        await verify(identity_db, stranger)


async def test_a_code_is_kept_as_a_digest_and_works_once(identity_db: Database) -> None:
    code = await register(identity_db)
    assert code not in repr(await rows(identity_db, person_code))
    async with identity_db.reading() as work:
        assert code not in repr(await letters(work))
    await verify(identity_db, code)
    with pytest.raises(UnknownCode):
        await verify(identity_db, code)


@pytest.mark.parametrize("code", ["", "never mailed", "x" * 10_000])
async def test_a_code_nobody_was_mailed_is_refused(identity_db: Database, code: str) -> None:
    with pytest.raises(UnknownCode) as refused:
        await verify(identity_db, code)
    assert (refused.value.reason, refused.value.field) == ("UNKNOWN_CODE", "code")


async def test_a_code_is_worth_a_day(identity_db: Database) -> None:
    code = await register(identity_db)
    with pytest.raises(UnknownCode):
        await verify(identity_db, code, now=NOW + DAY)
    await verify(identity_db, code, now=NOW + DAY - timedelta(seconds=1))


async def test_a_code_that_proves_does_not_reset_nor_the_other_way_round(identity_db: Database) -> None:
    proving = await register(identity_db)
    resetting = await reset_code(identity_db, "nouvelle@demo.example")
    async with identity_db.work() as work:
        with pytest.raises(UnknownCode):
            await usecases.reset_password(work, proving, "hash", now=NOW)
        with pytest.raises(UnknownCode):
            await usecases.verify_email(work, resetting, now=NOW)


async def test_a_new_password_replaces_the_former_and_ends_sessions(identity_db: Database) -> None:
    await settle(identity_db, replace(CAMILLE, password_hash="former"))
    first, second = await reset_code(identity_db, CAMILLE.email), await reset_code(identity_db, CAMILLE.email)
    async with identity_db.work() as work:
        await usecases.reset_password(work, second, "new", now=NOW)
    changed = await person_of(identity_db, CAMILLE.email)
    assert (changed.password_hash, changed.epoch) == ("new", CAMILLE.epoch + 1)
    async with identity_db.work() as work:
        with pytest.raises(UnknownCode):
            await usecases.reset_password(work, first, "again", now=NOW)


async def test_asking_a_new_password_for_nobody_says_nothing_and_writes_nothing(identity_db: Database) -> None:
    async with identity_db.work() as work:
        await usecases.request_password_reset(work, "nobody@demo.example", codes=CODES, now=NOW)
        assert await letters(work) == []


async def test_an_address_gets_five_letters_in_a_quarter_of_an_hour_and_no_more(identity_db: Database) -> None:
    for _ in range(7):
        await register(identity_db)
    async with identity_db.reading() as work:
        assert len(await letters(work)) == 5
    async with identity_db.work() as work:
        await usecases.request_password_reset(work, "nouvelle@demo.example", codes=CODES, now=NOW)
        assert len(await letters(work)) == 5
        await usecases.register(work, wish(), codes=CODES, now=NOW + timedelta(minutes=15))
        assert len(await letters(work)) == 6


async def test_codes_nobody_used_are_forgotten_after_a_day(identity_db: Database) -> None:
    await register(identity_db)
    async with identity_db.work() as work:
        await usecases.forget_expired(work, NOW + DAY - timedelta(seconds=1))
    assert await count(identity_db, person_code) == 1
    async with identity_db.work() as work:
        await usecases.forget_expired(work, NOW + DAY)
    assert await count(identity_db, person_code) == 0


async def test_somebody_changes_their_name_unless_it_changed_since(identity_db: Database) -> None:
    await settle(identity_db, CAMILLE)
    async with identity_db.work() as work:
        changed = await usecases.update_myself(work, CAMILLE.person_id, Change(given_name="Cam"), etag='"1"')
    assert changed == await person_of(identity_db, CAMILLE.email) == replace(CAMILLE, given_name="Cam", version=2)
    async with identity_db.work() as work:
        with pytest.raises(Refusal) as refused:
            await usecases.update_myself(work, CAMILLE.person_id, Change(given_name="C."), etag='"1"')
    assert refused.value.reason == "STALE_ETAG"


async def test_nobody_is_told_of_somebody_who_is_not_there(identity_db: Database) -> None:
    async with identity_db.work() as work:
        with pytest.raises(UnknownPerson):
            await usecases.myself(work, CAMILLE.person_id)
        with pytest.raises(UnknownPerson):
            await usecases.update_myself(work, CAMILLE.person_id, Change(locale="en"), etag="")


async def test_a_structure_reads_the_names_of_those_it_may_know_in_the_order_asked(identity_db: Database) -> None:
    await settle(identity_db, CAMILLE, SAM)
    asked: list[object] = []

    async def known_at(_work: object, person_ids: object, structure: str, today: object) -> set[str]:
        asked.append((person_ids, structure, today))
        return {SAM.person_id}

    async with identity_db.reading() as work:
        found = await usecases.look_up_names(
            work,
            [CAMILLE.person_id, SAM.person_id, "person_unknown", SAM.person_id],
            structure="la-ruche",
            known_at=known_at,
            today=NOW.date(),
        )
        with pytest.raises(TooManyNames):
            many = [f"person_{n}" for n in range(201)]
            await usecases.look_up_names(work, many, structure="la-ruche", known_at=known_at, today=NOW.date())
    assert [person_id for person_id, _ in found] == [SAM.person_id]
    assert asked == [([CAMILLE.person_id, SAM.person_id, "person_unknown"], "la-ruche", NOW.date())]
