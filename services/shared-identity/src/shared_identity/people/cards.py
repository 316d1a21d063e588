"""The card's use cases: giving it, replacing it."""

from collections.abc import Collection
from datetime import datetime

from servicekit.identifiers import new_id
from servicekit.sql import Work

from shared_identity.people import storage, wire
from shared_identity.people.domain import Card, UnknownPerson


async def card_in_hand(work: Work, person_id: str, *, kids: Collection[str], now: datetime) -> Card | None:
    """The card somebody holds, None when there is none or it must be renewed: then `give_card`."""
    card = await storage.live_card(work, person_id)
    return card if card is not None and card.is_fresh(kids, now) else None


async def give_card(work: Work, person_id: str, *, kids: Collection[str], kid: str, now: datetime) -> Card:
    """The card somebody holds, made on first asking, renewed when its year nears its end; raises UnknownPerson."""
    await _lock(work, person_id)
    card = await storage.live_card(work, person_id)
    if card is None:
        return await _new_card(work, person_id, kid, now)
    if card.is_fresh(kids, now):
        return card
    renewed = card.renewed(kid, now)
    await storage.renew_card(work, renewed)
    return renewed


async def replace_card(work: Work, person_id: str, *, kid: str, now: datetime) -> Card:
    """A new card; doors learn by a fact that the former one is worth nothing. Raises UnknownPerson."""
    await _lock(work, person_id)
    former = await storage.live_card(work, person_id)
    if former is not None:
        await storage.revoke_card(work, former.card_id, now)
        work.announce(wire.card_revoked(former, now))
    return await _new_card(work, person_id, kid, now)


async def _new_card(work: Work, person_id: str, kid: str, now: datetime) -> Card:
    card = Card.new(new_id("card"), person_id, kid, now)
    await storage.add_card(work, card)
    return card


async def _lock(work: Work, person_id: str) -> None:
    if await storage.for_update(work, person_id) is None:
        raise UnknownPerson
