"""Signing in: a challenge is answered once, by a password or by a link, and guesses run out."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import pytest_asyncio
from identity import (
    CAMILLE,
    CODES,
    NOW,
    PASSWORD,
    count,
    last_letter,
    letters,
    person_of,
    quick_passwords,
    rows,
    settle,
)
from servicekit.refusals import Refusal
from servicekit.sql import Database
from shared_identity.mail.domain import Kind
from shared_identity.passwords import Passwords
from shared_identity.people import usecases as people
from shared_identity.people.domain import MalformedEmail, UnknownCode
from shared_identity.sign_in import usecases
from shared_identity.sign_in.domain import Asked, Method, TooManyTries, UnknownChallenge, WrongCredentials
from shared_identity.sign_in.storage import sign_in_challenge, sign_in_link

ASKED = Asked(client_id="portal", client_name="Portail", login_hint="", request="{}")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def passwords() -> Passwords:
    return quick_passwords()


@pytest_asyncio.fixture
async def db(identity_db: Database, passwords: Passwords) -> Database:
    """A database where Camille has a password."""
    await settle(identity_db, replace(CAMILLE, password_hash=await passwords.hash(PASSWORD)))
    return identity_db


async def challenge(db: Database, now: datetime = NOW) -> str:
    async with db.work() as work:
        return await usecases.raise_challenge(work, ASKED, now=now)


async def by_password(
    db: Database,
    passwords: Passwords,
    secret: str,
    password: str = PASSWORD,
    *,
    email: str = CAMILLE.email,
    now: datetime = NOW,
) -> str:
    return await usecases.sign_in_with_password(db, passwords, secret, email=email, password=password, now=now)


async def mail_link(db: Database, secret: str, email: str = CAMILLE.email, now: datetime = NOW) -> str:
    async with db.work() as work:
        await usecases.send_link(work, secret, email=email, locale="fr", codes=CODES, now=now)
    letter = await last_letter(db)
    return CODES.secret_of(letter.code_id) if letter.code_id else ""


async def by_link(db: Database, code: str, now: datetime = NOW) -> str:
    async with db.work() as work:
        return await usecases.sign_in_with_link(work, code, now=now)


async def test_the_right_password_answers_and_the_browser_takes_the_answer_once(
    db: Database, passwords: Passwords
) -> None:
    resume = await by_password(db, passwords, await challenge(db), email=" CAMILLE@demo.example")
    async with db.work() as work:
        asked, answer = await usecases.take_answered(work, resume, now=NOW)
    assert asked == ASKED
    assert (answer.person_id, answer.method, answer.epoch) == (CAMILLE.person_id, Method.PASSWORD, 1)
    async with db.work() as work:
        with pytest.raises(UnknownChallenge):
            await usecases.take_answered(work, resume, now=NOW)


async def test_secrets_are_kept_as_digests(db: Database, passwords: Passwords) -> None:
    secret = await challenge(db)
    resume = await by_password(db, passwords, secret)
    code = await mail_link(db, await challenge(db))
    kept = repr(await rows(db, sign_in_challenge)) + repr(await rows(db, sign_in_link))
    assert not [one for one in (secret, resume, code) if one in kept]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        (CAMILLE.email, "une autre phrase longue"),
        (CAMILLE.email, ""),
        (CAMILLE.email, "x" * 5000),
        ("nobody@demo.example", PASSWORD),
        ("not an address", PASSWORD),
        ("", ""),
    ],
)
async def test_whichever_is_wrong_the_answer_is_the_same(
    db: Database, passwords: Passwords, email: str, password: str
) -> None:
    secret = await challenge(db)
    with pytest.raises(WrongCredentials) as refused:
        await by_password(db, passwords, secret, password, email=email)
    assert (refused.value.reason, refused.value.field, refused.value.metadata) == ("WRONG_CREDENTIALS", "", {})


async def test_somebody_unknown_costs_a_password_check_all_the_same(db: Database) -> None:
    checked: list[str] = []

    class Counting(Passwords):
        async def verify(self, password: str, kept: str) -> bool:
            checked.append(password)
            return await super().verify(password, kept)

    for email in (CAMILLE.email, "nobody@demo.example"):
        with pytest.raises(WrongCredentials):
            await by_password(db, Counting(), await challenge(db), "wrong", email=email)
    assert checked == ["wrong", "wrong"]


async def test_a_password_without_a_proved_address_signs_nobody_in(db: Database, passwords: Passwords) -> None:
    kept = await passwords.hash(PASSWORD)
    stranger = replace(CAMILLE, person_id="person_x", email="x@demo.example", email_verified=False, password_hash=kept)
    await settle(db, stranger)
    with pytest.raises(WrongCredentials):
        await by_password(db, passwords, await challenge(db), email=stranger.email)


async def test_after_ten_failures_even_the_right_password_waits(db: Database, passwords: Passwords) -> None:
    secret = await challenge(db)
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await by_password(db, passwords, secret, "wrong")
    with pytest.raises(TooManyTries):
        await by_password(db, passwords, secret)
    assert await by_password(db, passwords, await challenge(db, NOW + 15 * MINUTE), now=NOW + 15 * MINUTE)


async def test_the_limit_is_the_same_for_an_address_nobody_has(db: Database, passwords: Passwords) -> None:
    secret = await challenge(db)
    for _ in range(10):
        with pytest.raises(WrongCredentials):
            await by_password(db, passwords, secret, email="nobody@demo.example")
    with pytest.raises(TooManyTries):
        await by_password(db, passwords, secret, email="nobody@demo.example")
    assert await by_password(db, passwords, secret)


async def test_guesses_made_at_once_are_all_counted(db: Database, passwords: Passwords) -> None:
    secret = await challenge(db)
    tried = await asyncio.gather(
        *(by_password(db, passwords, secret, f"guess {n}") for n in range(30)), return_exceptions=True
    )
    kinds = [type(one) for one in tried]
    assert (kinds.count(WrongCredentials), kinds.count(TooManyTries)) == (10, 20)


async def test_who_signs_in_starts_afresh(db: Database, passwords: Passwords) -> None:
    for _ in range(3):
        secret = await challenge(db)
        for _ in range(9):
            with pytest.raises(WrongCredentials):
                await by_password(db, passwords, secret, "wrong")
        await by_password(db, passwords, secret)


async def test_a_challenge_is_worth_one_sign_in(db: Database, passwords: Passwords) -> None:
    secret = await challenge(db)
    await by_password(db, passwords, secret)
    with pytest.raises(UnknownChallenge):
        await by_password(db, passwords, secret)
    async with db.reading() as work:
        with pytest.raises(UnknownChallenge):
            await usecases.challenge(work, secret, now=NOW)


async def test_two_answers_at_once_give_one_sign_in(db: Database, passwords: Passwords) -> None:
    secret = await challenge(db)
    tried = await asyncio.gather(*(by_password(db, passwords, secret) for _ in range(4)), return_exceptions=True)
    assert len([one for one in tried if isinstance(one, str)]) == 1
    assert {type(one) for one in tried} == {str, UnknownChallenge}


async def test_a_challenge_is_worth_ten_minutes_and_its_answer_two(db: Database, passwords: Passwords) -> None:
    secret = await challenge(db)
    with pytest.raises(UnknownChallenge):
        await by_password(db, passwords, secret, now=NOW + 10 * MINUTE)
    resume = await by_password(db, passwords, secret, now=NOW + 9 * MINUTE)
    async with db.work() as work:
        with pytest.raises(UnknownChallenge):
            await usecases.take_answered(work, resume, now=NOW + 11 * MINUTE)


async def test_a_challenge_nobody_raised_is_refused(db: Database, passwords: Passwords) -> None:
    with pytest.raises(UnknownChallenge) as refused:
        await by_password(db, passwords, "made up")
    assert refused.value.reason == "UNKNOWN_CHALLENGE"


async def test_a_password_replaced_while_it_was_checked_signs_nobody_in(db: Database, passwords: Passwords) -> None:
    class Slow(Passwords):
        async def verify(self, password: str, kept: str) -> bool:
            matches = await super().verify(password, kept)
            async with db.work() as work:
                await people.set_password(work, CAMILLE.person_id, await passwords.hash("tout autre chose"))
            return matches

    with pytest.raises(WrongCredentials):
        await by_password(db, Slow(), await challenge(db))


async def test_a_link_answers_the_challenge_it_was_asked_for(db: Database) -> None:
    resume = await by_link(db, await mail_link(db, await challenge(db)))
    async with db.work() as work:
        asked, answer = await usecases.take_answered(work, resume, now=NOW)
    assert (asked, answer.person_id, answer.method) == (ASKED, CAMILLE.person_id, Method.LINK)


async def test_a_link_proves_the_address_by_the_way(identity_db: Database) -> None:
    await settle(identity_db, replace(CAMILLE, email_verified=False))
    await by_link(identity_db, await mail_link(identity_db, await challenge(identity_db)))
    assert (await person_of(identity_db, CAMILLE.email)).email_verified


async def test_a_link_works_once_and_for_twenty_minutes(db: Database) -> None:
    code = await mail_link(db, await challenge(db))
    with pytest.raises(UnknownCode):
        await by_link(db, code, NOW + 20 * MINUTE)
    await by_link(db, code, NOW + 19 * MINUTE)
    with pytest.raises(UnknownCode) as refused:
        await by_link(db, code, NOW + 19 * MINUTE)
    assert refused.value.field == "code"


async def test_a_second_link_does_not_make_the_first_last_longer(db: Database) -> None:
    secret = await challenge(db)
    first = await mail_link(db, secret)
    await mail_link(db, secret, now=NOW + 10 * MINUTE)
    with pytest.raises(UnknownCode):
        await by_link(db, first, NOW + 20 * MINUTE)


async def test_a_link_is_worth_nothing_once_its_challenge_was_answered(db: Database, passwords: Passwords) -> None:
    secret = await challenge(db)
    code = await mail_link(db, secret)
    await by_password(db, passwords, secret)
    with pytest.raises(UnknownCode):
        await by_link(db, code)


async def test_an_unknown_address_is_offered_to_register_and_the_answer_is_the_same(db: Database) -> None:
    assert await mail_link(db, await challenge(db), "nobody@demo.example") == ""
    letter = await last_letter(db)
    assert (letter.kind, letter.recipient) == (Kind.REGISTER, "nobody@demo.example")
    assert await count(db, sign_in_link) == 0


@pytest.mark.parametrize("email", [CAMILLE.email, "nobody@demo.example"])
async def test_an_address_is_sent_five_links_in_a_quarter_of_an_hour(db: Database, email: str) -> None:
    secret = await challenge(db)
    for _ in range(5):
        await mail_link(db, secret, email)
    with pytest.raises(TooManyTries) as refused:
        await mail_link(db, secret, email)
    assert refused.value.reason == "TOO_MANY_TRIES"
    async with db.reading() as work:
        assert len(await letters(work)) == 5


async def test_no_link_is_mailed_without_a_challenge_or_to_no_address(db: Database) -> None:
    with pytest.raises(UnknownChallenge):
        await mail_link(db, "made up")
    with pytest.raises(MalformedEmail):
        await mail_link(db, await challenge(db), "not an address")


async def test_what_nobody_answered_is_forgotten_with_its_links(db: Database) -> None:
    await mail_link(db, await challenge(db))
    async with db.work() as work:
        await usecases.forget_expired(work, NOW + 20 * MINUTE)
    assert (await count(db, sign_in_challenge), await count(db, sign_in_link)) == (0, 0)


async def test_a_new_password_lets_somebody_in_who_had_run_out_of_tries(db: Database, passwords: Passwords) -> None:
    secret = await challenge(db)
    for _ in range(10):
        with pytest.raises(Refusal):
            await by_password(db, passwords, secret, "wrong")
    async with db.work() as work:
        await people.request_password_reset(work, CAMILLE.email, codes=CODES, now=NOW)
    code = CODES.secret_of((await last_letter(db)).code_id)
    async with db.work() as work:
        await people.reset_password(work, code, await passwords.hash("tout autre chose"), now=NOW)
    assert await by_password(db, passwords, secret, "tout autre chose")
