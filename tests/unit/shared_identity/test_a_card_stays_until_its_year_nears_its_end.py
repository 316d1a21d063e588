"""A card is the same for eleven months, then renewed under its own number."""

from datetime import timedelta

from identity import NOW
from shared_identity.people.domain import CARD_LIFE, CARD_RENEWAL, Card

CARD = Card.new("card_1", "person_1", "card-a", NOW)


def test_it_is_fresh_until_thirty_days_before_its_end() -> None:
    edge = CARD.expires_at - CARD_RENEWAL
    assert CARD.is_fresh({"card-a"}, edge - timedelta(seconds=1))
    assert not CARD.is_fresh({"card-a"}, edge)


def test_it_is_not_fresh_once_its_key_is_gone() -> None:
    assert not CARD.is_fresh({"card-b"}, NOW)


def test_renewed_it_keeps_its_number_so_that_one_revocation_ends_every_code_it_had() -> None:
    later = NOW + timedelta(days=340)
    renewed = CARD.renewed("card-b", later)
    assert (renewed.card_id, renewed.kid, renewed.expires_at) == ("card_1", "card-b", later + CARD_LIFE)
