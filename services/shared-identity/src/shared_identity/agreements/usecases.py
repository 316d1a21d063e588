"""What is done about agreements: proposed, signed, ended; rights follow memberships; uses are counted.

Whatever may change rights holds the home structure first (`structures.usecases.hold`), so that a signature and a
declaration that cross see each other.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from servicekit.etags import check_etag
from servicekit.identifiers import new_id
from servicekit.sql import Due, Work

from shared_identity.agreements import entitlement_storage, storage, wire
from shared_identity.agreements.domain import Agreement, NotAParty, NotInGroupement, UnknownAgreement
from shared_identity.agreements.entitlements import (
    Entitlement,
    NotTheGrantor,
    UnknownEntitlement,
    Usage,
    UsageCount,
    Used,
    settle,
)
from shared_identity.days import Period, day_of
from shared_identity.memberships import usecases as memberships
from shared_identity.structures import usecases as structures

ENTITLEMENT_LAPSED = "entitlement_lapsed"
"""Kind of the due row that closes a right after its last day."""


async def propose(work: Work, proposed: Agreement, *, by: str, now: datetime) -> Agreement:
    """A structure proposes an agreement, and signs it.

    Raises NotAParty, NotInGroupement, or Invalid naming what is malformed.
    """
    today = day_of(now)
    if by not in proposed.parties:
        raise NotAParty(structure=by)
    proposed.check(today)
    await _check_present(work, proposed, today)
    signed = proposed.sign(by, now=now, today=today)
    await storage.add(work, signed)
    return signed


async def sign(work: Work, agreement_id: str, *, by: str, etag: str, now: datetime) -> Agreement:
    """The other party signs: rights open. Raises UnknownAgreement, StaleEtag, AlreadySigned or AgreementEnded."""
    agreement = await _held(work, agreement_id, by)
    check_etag(etag, agreement.version)
    signed = agreement.sign(by, now=now, today=day_of(now))
    await storage.write(work, signed)
    for party in signed.parties:
        work.announce(wire.agreement_signed(signed, party, now))
    await _settle(work, signed, None, now)
    return signed


async def end(work: Work, agreement_id: str, wished: date | None, *, by: str, etag: str, now: datetime) -> Agreement:
    """A party gives notice: rights close after the last day.

    Raises UnknownAgreement, StaleEtag, NotYetSigned or AgreementEnded.
    """
    agreement = await _held(work, agreement_id, by)
    check_etag(etag, agreement.version)
    ended = agreement.end(wished, now=now, today=day_of(now))
    await storage.write(work, ended)
    for party in ended.parties:
        work.announce(wire.agreement_ended(ended, party, now))
    await _settle(work, ended, None, now)
    return ended


async def knows(work: Work, agreement_id: str) -> bool:
    """Whether there is such an agreement."""
    return await storage.home_of(work, agreement_id) is not None


async def follow_membership(work: Work, structure: str, person_id: str, *, now: datetime) -> None:
    """Something changed in what a person is to a structure: their rights elsewhere follow."""
    await structures.hold(work, structure)
    for agreement in await storage.signed_for(work, structure):
        await _settle(work, agreement, person_id, now)


async def follow_structure(work: Work, structure: str, *, now: datetime) -> None:
    """A structure entered or left the groupement: rights it grants, or its members have, follow."""
    for agreement_id in await storage.binding(work, structure):
        await _settle(work, await _held(work, agreement_id, structure), None, now)


async def lapse(work: Work, entitlement_id: str, *, now: datetime) -> None:
    """The last day of a right is over: it closes, unless something has prolonged it."""
    held = await entitlement_storage.read(work, entitlement_id)
    if held is None:
        raise UnknownEntitlement(field="entitlement_id")
    await _settle(work, await _held(work, held.agreement_id, held.home), held.person_id, now)


async def record_usage(work: Work, used: Usage, *, now: datetime) -> None:
    """A right was used where it was granted: it counts once, at the price agreed; its home is told.

    Raises UnknownEntitlement or NotTheGrantor.
    """
    right = await entitlement_storage.read(work, used.entitlement_id)
    if right is None:
        raise UnknownEntitlement(field="entitlement_id")
    if used.structure != right.grantor:
        raise NotTheGrantor(field="entitlement_id")
    if await entitlement_storage.take_in(work, used):
        work.announce(wire.usage_counted(await entitlement_storage.count(work, _worth(used, right)), now))


async def of_party(work: Work, structure: str, *, after: str, limit: int) -> Sequence[Agreement]:
    """The agreements a structure is a party to, oldest first."""
    return await storage.of_party(work, structure, after=after, limit=limit)


async def open_rights(
    work: Work, person_id: str, structure: str, *, today: date, after: str, limit: int
) -> Sequence[Entitlement]:
    """The rights of a person that a structure grants, or owes to its membership; open today or later."""
    return await entitlement_storage.open_of_person(work, person_id, structure, today, after=after, limit=limit)


async def counts(work: Work, structure: str, month: str, *, after: tuple[str, str], limit: int) -> Sequence[UsageCount]:
    """What was used in a month under agreements of a structure."""
    return await entitlement_storage.counts(work, structure, month, after=after, limit=limit)


async def used_between(work: Work, structure: str, first: str, last: str) -> Sequence[Used]:
    """Half-days used under agreements of a structure, by month and direction, from a month ("2026-01") to another."""
    return await entitlement_storage.used_between(work, structure, first, last)


async def is_known_at(work: Work, person_ids: Collection[str], structure: str, today: date) -> set[str]:
    """Those of these people a structure may know by name: its members, who holds a post or a right there.

    Today, or from a later day on. It stands here because from here memberships, posts and rights are all in sight.
    """
    belonging = await memberships.belonging_to(work, person_ids, structure, today)
    return belonging | await entitlement_storage.right_holders(work, person_ids, structure, today)


async def _held(work: Work, agreement_id: str, party: str) -> Agreement:
    """An agreement of a party, with its home held; raises UnknownAgreement to a stranger."""
    home = await storage.home_of(work, agreement_id)
    if home is not None:
        await structures.hold(work, home)
    agreement = await storage.read(work, agreement_id)
    if agreement is None or party not in agreement.parties:
        raise UnknownAgreement(field="agreement_id")
    return agreement


async def _check_present(work: Work, proposed: Agreement, today: date) -> None:
    present = await structures.present(work, proposed.parties, today)
    for field in ("grantor", "home"):
        if getattr(proposed, field) not in present:
            raise NotInGroupement(field=field)


async def _settle(work: Work, agreement: Agreement, person_id: str | None, now: datetime) -> None:
    """Brings rights under an agreement in line with memberships: of one person, or of all."""
    if not agreement.signed:
        return
    kinds = {clause.membership_kind for clause in agreement.clauses}
    changed = settle(
        agreement,
        await _window(work, agreement),
        await memberships.entitling(work, agreement.home, kinds, person_id),
        await entitlement_storage.held_under(work, agreement.agreement_id, person_id),
        today=day_of(now),
        new_id=lambda: new_id("entitlement"),
    )
    if changed:
        await entitlement_storage.settle(work, changed)
    for held in changed:
        work.announce(wire.entitlement_settled(held, now))
        await _put_off_closing(work, held)


async def _window(work: Work, agreement: Agreement) -> Period | None:
    """When an agreement is in force: its own period, while both parties are in the groupement."""
    parties = await structures.several(work, agreement.parties)
    grantor, home = parties[agreement.grantor], parties[agreement.home]
    together = grantor.period & home.period
    return None if together is None else agreement.period & together


async def _put_off_closing(work: Work, held: Entitlement) -> None:
    if held.opened and held.period.over_at is not None:
        work.schedule(Due(kind=ENTITLEMENT_LAPSED, key=held.entitlement_id, at=held.period.over_at))
    elif held.version > 1:
        await work.unschedule(ENTITLEMENT_LAPSED, held.entitlement_id)


def _worth(used: Usage, right: Entitlement) -> UsageCount:
    return UsageCount(
        agreement_id=right.agreement_id,
        grantor=right.grantor,
        home=right.home,
        month=used.month,
        resource_kind=right.resource_kind,
        half_days=used.half_days,
        cents=used.half_days * right.cents,
    )
