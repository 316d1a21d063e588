"""Registering, proving an address, setting a password, changing oneself, reading names."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime

from servicekit.etags import check_etag
from servicekit.identifiers import new_id
from servicekit.sql import Work

from shared_identity.codes import Codes, digest
from shared_identity.mail import usecases as mail
from shared_identity.mail.domain import Kind
from shared_identity.people import storage, wire
from shared_identity.people.domain import (
    CODE_LIFE,
    MOST_NAMES,
    Change,
    Names,
    Person,
    Purpose,
    Registration,
    TooManyNames,
    UnknownCode,
    UnknownPerson,
)
from shared_identity.throttling import usecases as tries
from shared_identity.throttling.domain import MAILS, PASSWORDS

KnownAt = Callable[[Work, Sequence[str], str, date], Awaitable[set[str]]]
"""Tells which people a structure may know of on a day: `memberships.usecases.is_known_at`."""


async def register(work: Work, wish: Registration, *, codes: Codes, now: datetime) -> None:
    """Makes an identity and writes to its address, or writes that there is one; nobody can tell which.

    What is asked for an address not yet proved waits behind the letter's code: a stranger who registers it first sets
    nothing. Beyond five letters in fifteen minutes nothing is written.
    """
    if not await tries.take(work, MAILS, wish.email, now=now):
        return
    person = await storage.by_email(work, wish.email) or await _new_person(work, wish, now)
    if person.email_verified:
        await mail.write(work, Kind.ALREADY_REGISTERED, to=person.email, locale=person.locale, now=now, life=CODE_LIFE)
        return
    asked = (wish.names, wish.password_hash)
    await _mail_code(work, person, Purpose.VERIFY, asked, locale=wish.locale, codes=codes, now=now)


async def verify_email(work: Work, code: str, *, now: datetime) -> None:
    """Proves an address with the code mailed; raises UnknownCode."""
    taken = await _taken(work, code, Purpose.VERIFY, now)
    person = await _person_for_update(work, taken.person_id)
    await _save_proved(work, person, person.registered_as(taken.names, taken.password_hash), now)


async def prove_email(work: Work, person_id: str, *, now: datetime) -> Person:
    """Notes that somebody read their mail; what strangers asked for in their name before that is forgotten."""
    person = await _person_for_update(work, person_id)
    if person.email_verified:
        return person
    proved = person.proved()
    await _save_proved(work, person, proved, now)
    return proved


async def request_password_reset(work: Work, email: str, *, codes: Codes, now: datetime) -> None:
    """Mails a code that sets a new password, if the address is known."""
    allowed = await tries.take(work, MAILS, email, now=now)
    person = await storage.by_email(work, email)
    if allowed and person is not None:
        asked = (Names(given_name=person.given_name, family_name=person.family_name), "")
        await _mail_code(work, person, Purpose.RESET, asked, locale=person.locale, codes=codes, now=now)


async def reset_password(work: Work, code: str, password_hash: str, *, now: datetime) -> None:
    """Sets a new password with the code mailed and ends every session; raises UnknownCode."""
    taken = await _taken(work, code, Purpose.RESET, now)
    person = await _person_for_update(work, taken.person_id)
    await _save_proved(work, person, person.with_password(password_hash), now)
    await tries.clear(work, PASSWORDS, person.email)


async def myself(work: Work, person_id: str) -> Person:
    """Somebody, as they see themselves; raises UnknownPerson."""
    person = await storage.by_id(work, person_id)
    if person is None:
        raise UnknownPerson
    return person


async def hold(work: Work, person_id: str) -> None:
    """Lets no other work hold this person before this one ends; raises UnknownPerson."""
    await _person_for_update(work, person_id)


async def by_email(work: Work, email: str) -> Person | None:
    """The person of an address; for the provider's own use, no answer may tell."""
    return await storage.by_email(work, email)


async def verified_email(work: Work, person_id: str) -> str:
    """The address somebody has proved to be theirs; "" when they have proved none."""
    person = await storage.by_id(work, person_id)
    return person.email if person is not None and person.email_verified else ""


async def exists(work: Work, person_id: str) -> bool:
    """Whether there is such a person."""
    return await storage.by_id(work, person_id) is not None


async def update_myself(work: Work, person_id: str, change: Change, *, etag: str) -> Person:
    """Changes names or language; raises StaleEtag, UnknownPerson."""
    person = await _person_for_update(work, person_id)
    check_etag(etag, person.version)
    changed = change.applied_to(person)
    await storage.save(work, changed)
    return changed


async def look_up_names(
    work: Work, person_ids: Sequence[str], *, structure: str, known_at: KnownAt, today: date
) -> Sequence[tuple[str, Names]]:
    """The names a structure may read, in the order asked, each once; raises TooManyNames."""
    asked = list(dict.fromkeys(person_ids))
    if len(asked) > MOST_NAMES:
        raise TooManyNames(field="person_ids")
    known = await known_at(work, asked, structure, today)
    names = await storage.names_of(work, known)
    return [(person_id, names[person_id]) for person_id in asked if person_id in names]


async def install(work: Work, person: Person) -> bool:
    """Adds somebody whose address an installation vouches for; False when they are already there."""
    if not await storage.add(work, person):
        return False
    work.announce(wire.person_registered(person, person.created_at))
    return True


async def set_password(work: Work, person_id: str, password_hash: str) -> None:
    """Sets the password of somebody installed; raises UnknownPerson."""
    person = await _person_for_update(work, person_id)
    await storage.save(work, person.with_password(password_hash))


async def forget_expired(work: Work, now: datetime) -> None:
    """Forgets codes nobody used in time."""
    await storage.forget_codes_before(work, now)


async def _new_person(work: Work, wish: Registration, now: datetime) -> Person:
    person = Person(
        person_id=new_id("person"),
        email=wish.email,
        given_name=wish.names.given_name,
        family_name=wish.names.family_name,
        locale=wish.locale,
        created_at=now,
    )
    if await storage.add(work, person):
        work.announce(wire.person_registered(person, now))
        return person
    return await storage.by_email(work, wish.email) or person


async def _mail_code(
    work: Work,
    person: Person,
    purpose: Purpose,
    asked: tuple[Names, str],
    *,
    locale: str,
    codes: Codes,
    now: datetime,
) -> None:
    names, password_hash = asked
    code_id = new_id("code")
    code = storage.Code(
        purpose=purpose,
        person_id=person.person_id,
        names=names,
        password_hash=password_hash,
        expires_at=now + CODE_LIFE,
    )
    await storage.add_code(work, codes.digest_of(code_id), code)
    kind = Kind.VERIFY_EMAIL if purpose is Purpose.VERIFY else Kind.RESET_PASSWORD
    await mail.write(work, kind, to=person.email, locale=locale, now=now, life=CODE_LIFE, code_id=code_id)


async def _taken(work: Work, code: str, purpose: Purpose, now: datetime) -> storage.Code:
    taken = await storage.take_code(work, digest(code), purpose, now)
    if taken is None:
        raise UnknownCode(field="code")
    return taken


async def _person_for_update(work: Work, person_id: str) -> Person:
    person = await storage.for_update(work, person_id)
    if person is None:
        raise UnknownPerson
    return person


async def _save_proved(work: Work, before: Person, after: Person, now: datetime) -> None:
    """Keeps a person whose address was just proved: codes mailed earlier are worth nothing from here on."""
    await storage.save(work, after)
    await storage.forget_codes(work, after.person_id)
    if not before.email_verified:
        work.announce(wire.person_verified(after, now))
