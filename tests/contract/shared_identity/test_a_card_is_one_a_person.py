"""A person holds one card; a replaced one is told to every door."""

import asyncio
import json
from datetime import timedelta

import pytest
from identity import CAMILLE, NOW, count, rows, settle
from joserfc import jws
from joserfc.jwk import OKPKey
from servicekit.sql import Database
from servicekit.sql.tables import outbox
from shared_identity.people import cards, wire
from shared_identity.people.domain import CARD_LIFE, Card, UnknownPerson
from shared_identity.people.storage import card

KEY = OKPKey.generate_key("Ed25519", {"kid": "card-a"})
KIDS = {"card-a": KEY}


async def give(db: Database, *, now: object = NOW, kid: str = "card-a") -> Card:
    async with db.work() as work:
        return await cards.give_card(work, CAMILLE.person_id, kids={kid: KEY}, kid=kid, now=now)  # type: ignore[arg-type]


async def test_the_card_and_its_code_are_the_same_each_time(identity_db: Database) -> None:
    await settle(identity_db, CAMILLE)
    first = await give(identity_db)
    later = await give(identity_db, now=NOW + timedelta(days=300))
    assert first == later
    assert wire.card_code(first, KEY) == wire.card_code(later, KEY)
    async with identity_db.reading() as work:
        assert await cards.card_in_hand(work, CAMILLE.person_id, kids=KIDS, now=NOW) == first


async def test_its_code_says_the_card_the_person_and_until_when_and_no_name(identity_db: Database) -> None:
    await settle(identity_db, CAMILLE)
    given = await give(identity_db)
    code = jws.deserialize_compact(wire.card_code(given, KEY).encode(), KEY, ["Ed25519"])
    expires = int((NOW + CARD_LIFE).timestamp())
    assert json.loads(code.payload or b"") == {
        "jti": given.card_id,
        "sub": CAMILLE.person_id,
        "iat": int(NOW.timestamp()),
        "exp": expires,
    }
    assert code.headers()["kid"] == "card-a"


async def test_it_is_renewed_under_its_number_when_its_year_nears_its_end(identity_db: Database) -> None:
    await settle(identity_db, CAMILLE)
    first = await give(identity_db)
    later = NOW + timedelta(days=340)
    async with identity_db.reading() as work:
        assert await cards.card_in_hand(work, CAMILLE.person_id, kids=KIDS, now=later) is None
    renewed = await give(identity_db, now=later)
    assert (renewed.card_id, renewed.expires_at) == (first.card_id, later + CARD_LIFE)


async def test_it_is_signed_by_the_new_key_once_the_former_is_gone(identity_db: Database) -> None:
    await settle(identity_db, CAMILLE)
    await give(identity_db)
    assert (await give(identity_db, kid="card-b")).kid == "card-b"


async def test_two_who_ask_at_once_get_one_card(identity_db: Database) -> None:
    await settle(identity_db, CAMILLE)
    given = await asyncio.gather(*(give(identity_db) for _ in range(8)))
    assert len({one.card_id for one in given}) == 1
    assert await count(identity_db, card) == 1


async def test_a_replaced_card_is_told_to_every_door(identity_db: Database) -> None:
    await settle(identity_db, CAMILLE)
    former = await give(identity_db)
    async with identity_db.work() as work:
        new = await cards.replace_card(work, CAMILLE.person_id, kid="card-a", now=NOW)
    assert new.card_id != former.card_id
    assert (await give(identity_db)).card_id == new.card_id
    (told,) = await rows(identity_db, outbox)
    assert told.subject == "groupement.shared_identity.all.card.revoked"
    assert json.loads(told.body) == {"cardId": former.card_id}


async def test_nobody_has_no_card(identity_db: Database) -> None:
    async with identity_db.work() as work:
        with pytest.raises(UnknownPerson):
            await cards.give_card(work, CAMILLE.person_id, kids=KIDS, kid="card-a", now=NOW)
