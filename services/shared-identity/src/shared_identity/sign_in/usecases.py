"""Raising a challenge, answering it by password or by link, handing the answer to the browser that gave it."""

from datetime import datetime

from servicekit.identifiers import new_id
from servicekit.sql import Database, Work

from shared_identity.codes import Codes, digest, new_secret
from shared_identity.mail import usecases as mail
from shared_identity.mail.domain import Kind
from shared_identity.passwords import Passwords
from shared_identity.people import usecases as people
from shared_identity.people.domain import MalformedEmail, Person, UnknownCode, email_address
from shared_identity.sign_in import storage
from shared_identity.sign_in.domain import (
    CHALLENGE_LIFE,
    LINK_LIFE,
    Answer,
    Asked,
    Challenge,
    Method,
    TooManyTries,
    UnknownChallenge,
    WrongCredentials,
)
from shared_identity.throttling import usecases as tries
from shared_identity.throttling.domain import MAILS, PASSWORDS


async def raise_challenge(work: Work, asked: Asked, *, now: datetime) -> str:
    """A challenge, worth one sign-in and ten minutes; gives the secret that names it."""
    secret = new_secret()
    await storage.add(work, Challenge(digest=digest(secret), asked=asked, expires_at=now + CHALLENGE_LIFE))
    return secret


async def challenge(work: Work, secret: str, *, now: datetime) -> Challenge:
    """The challenge, while it waits for an answer; raises UnknownChallenge."""
    waiting = await storage.waiting(work, digest(secret), now)
    if waiting is None:
        raise UnknownChallenge(field="challenge")
    return waiting


async def sign_in_with_password(
    db: Database, passwords: Passwords, secret: str, *, email: str, password: str, now: datetime
) -> str:
    """Answers a challenge with a password; gives the secret by which the browser resumes.

    The try is counted and kept before the password is looked at, so that guesses made at once count as well; no
    transaction is open while it is. Raises UnknownChallenge, TooManyTries, WrongCredentials.
    """
    address = _address(email)
    async with db.work() as work:
        await challenge(work, secret, now=now)
        if not await tries.take(work, PASSWORDS, address, now=now):
            raise TooManyTries
        person = await people.by_email(work, address)
    kept = person.usable_password_hash if person is not None else ""
    if not await passwords.verify(password, kept) or person is None:
        raise WrongCredentials
    async with db.work() as work:
        await tries.clear(work, PASSWORDS, address)
        return await _answer(work, digest(secret), await _unchanged(work, person), Method.PASSWORD, now)


async def send_link(work: Work, secret: str, *, email: str, locale: str, codes: Codes, now: datetime) -> None:
    """Writes to an address: a link that answers the challenge, or an offer to register; nobody can tell which.

    Raises UnknownChallenge, MalformedEmail, TooManyTries.
    """
    address = email_address(email)
    asked = await challenge(work, secret, now=now)
    if not await tries.take(work, MAILS, address, now=now):
        raise TooManyTries
    person = await people.by_email(work, address)
    await storage.prolong(work, asked.digest, now + LINK_LIFE)
    if person is None:
        await mail.write(work, Kind.REGISTER, to=address, locale=locale, now=now, life=LINK_LIFE)
        return
    code_id = new_id("code")
    await storage.add_link(
        work,
        codes.digest_of(code_id),
        challenge=asked.digest,
        person_id=person.person_id,
        expires_at=now + LINK_LIFE,
    )
    await mail.write(work, Kind.SIGN_IN_LINK, to=address, locale=locale, now=now, life=LINK_LIFE, code_id=code_id)


async def sign_in_with_link(work: Work, code: str, *, now: datetime) -> str:
    """Answers the challenge with the code of a mailed link, which proves the address; raises UnknownCode."""
    taken = await storage.take_link(work, digest(code), now)
    if taken is None:
        raise UnknownCode(field="code")
    challenge_digest, person_id = taken
    person = await people.prove_email(work, person_id, now=now)
    try:
        return await _answer(work, challenge_digest, person, Method.LINK, now)
    except UnknownChallenge as over:
        raise UnknownCode(field="code") from over


async def take_answered(work: Work, resume: str, *, now: datetime) -> tuple[Asked, Answer]:
    """What was asked and who answered it, given once and within two minutes; raises UnknownChallenge."""
    taken = await storage.take_answered(work, digest(resume), now)
    if taken is None:
        raise UnknownChallenge
    return taken


async def forget_expired(work: Work, now: datetime) -> None:
    """Forgets what nobody answered in time."""
    await storage.forget_before(work, now)


async def _answer(work: Work, challenge_digest: str, person: Person, method: Method, now: datetime) -> str:
    resume = new_secret()
    given = Answer(person_id=person.person_id, method=method, epoch=person.epoch, answered_at=now)
    if not await storage.answer(work, challenge_digest, given, digest(resume)):
        raise UnknownChallenge(field="challenge")
    return resume


async def _unchanged(work: Work, checked: Person) -> Person:
    """The person as they are now; a password replaced while the former one was checked signs nobody in."""
    person = await people.by_email(work, checked.email)
    if person is None or person.password_hash != checked.password_hash:
        raise WrongCredentials
    return person


def _address(email: str) -> str:
    """The address as we keep it; a malformed one is nobody's, and answered as such."""
    try:
        return email_address(email)
    except MalformedEmail:
        return email.casefold()
