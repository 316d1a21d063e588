"""Which cards a door takes for genuine."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cards import CardOffice, card_key
from coworking.check_ins.cards import CardKeysMissing, CardReader
from coworking.check_ins.domain import CardExpired, CardForged
from joserfc import jws
from joserfc.jwk import OctKey, RSAKey
from servicekit.identifiers import new_id
from village import CAMILLE, NOW

EXPIRY = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.fixture
def office(tmp_path: Path) -> CardOffice:
    """Who signs cards."""
    office = CardOffice(tmp_path / "jwks.json")
    office.publish(RSAKey.generate_key(2048, {"kid": "sig-1", "use": "sig"}))
    return office


def test_a_genuine_card_says_who_holds_it(office: CardOffice) -> None:
    card_id = new_id("card")
    code = office.code(CAMILLE, jti=card_id, exp=int(EXPIRY.timestamp()))
    card = CardReader(office.jwks).read(code, NOW)
    assert (card.card_id, card.person_id, card.expires_at) == (card_id, CAMILLE, EXPIRY)


def test_a_card_is_good_until_it_expires_even_when_it_is_remembered(office: CardOffice) -> None:
    reader, code = CardReader(office.jwks), office.code(CAMILLE, exp=int(EXPIRY.timestamp()))
    assert reader.read(code, NOW) == reader.read(code, NOW)
    with pytest.raises(CardExpired):
        reader.read(code, EXPIRY)


@pytest.mark.parametrize(
    "change",
    [
        {"key": card_key("card-2")},
        {"key": card_key("card-1")},
        {"header": {"kid": "sig-1"}},
        {"header": {"kid": ""}},
        {"header": {"typ": "at+jwt"}},
        {"sub": "Camille"},
        {"jti": "person_01990000000070008000000000000001"},
        {"jti": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"exp": 1e20},
        {"exp": 10**20},
    ],
)
def test_what_the_office_did_not_sign_or_would_not_is_forged(office: CardOffice, change: dict[str, Any]) -> None:
    with pytest.raises(CardForged):
        CardReader(office.jwks).read(office.code(CAMILLE, **change), NOW)


@pytest.mark.parametrize("code", ["", ".", "a.b.c", "é", "x" * 3000, "\0", "e30.e30.e30", "[" * 2000])
def test_nonsense_is_forged(office: CardOffice, code: str) -> None:
    with pytest.raises(CardForged):
        CardReader(office.jwks).read(code, NOW)


def test_a_changed_letter_makes_a_card_forged(office: CardOffice) -> None:
    header, _claims, signature = office.code(CAMILLE).split(".")
    other = office.code(new_id("person")).split(".")[1]
    with pytest.raises(CardForged):
        CardReader(office.jwks).read(f"{header}.{other}.{signature}", NOW)


def test_an_unsigned_card_and_one_signed_by_the_public_key_are_forged(office: CardOffice) -> None:
    reader = CardReader(office.jwks)
    _, claims, _ = office.code(CAMILLE).split(".")
    header = "eyJhbGciOiJub25lIiwia2lkIjoiY2FyZC0xIiwidHlwIjoiY2FyZCtqd3QifQ"
    secret = OctKey.import_key(str(office.key.as_dict(private=False)["x"]))
    hmac = jws.serialize_compact({"alg": "HS256", "kid": "card-1", "typ": "card+jwt"}, b"{}", secret)
    for code in (f"{header}.{claims}.", hmac):
        with pytest.raises(CardForged):
            reader.read(code, NOW)


def test_a_key_that_is_not_for_cards_signs_none(office: CardOffice) -> None:
    other = card_key("sig-2")
    office.publish(other)
    with pytest.raises(CardForged):
        CardReader(office.jwks).read(office.code(CAMILLE, key=other), NOW)


def test_a_key_published_later_is_found(office: CardOffice) -> None:
    reader, later = CardReader(office.jwks, monotonic=lambda: 0.0), card_key("card-2")
    reader.read(office.code(CAMILLE), NOW)
    office.publish(later)
    assert reader.read(office.code(CAMILLE, key=later), NOW).person_id == CAMILLE


def test_a_key_withdrawn_signs_no_more_and_what_it_signed_is_forgotten(office: CardOffice) -> None:
    seconds = [0.0]
    reader, code = CardReader(office.jwks, monotonic=lambda: seconds[0]), office.code(CAMILLE)
    reader.read(code, NOW)
    office.key = card_key("card-9")
    office.publish()
    seconds[0] = 5.0
    with pytest.raises(CardForged):
        reader.read(code, NOW)


def test_a_broken_or_missing_file_leaves_the_last_good_keys_in_use(office: CardOffice) -> None:
    seconds = [0.0]
    reader = CardReader(office.jwks, monotonic=lambda: seconds[0])
    reader.read(office.code(CAMILLE), NOW)
    office.jwks.write_text("{")
    seconds[0] = 5.0
    assert reader.read(office.code(CAMILLE), NOW).person_id == CAMILLE
    office.jwks.unlink()
    seconds[0] = 10.0
    assert reader.read(office.code(CAMILLE), NOW).person_id == CAMILLE


def test_without_any_keys_the_door_says_so(tmp_path: Path) -> None:
    office = CardOffice(tmp_path / "jwks.json")
    with pytest.raises(CardKeysMissing):
        CardReader(office.jwks).read(office.code(CAMILLE), NOW)


def test_a_card_seen_before_costs_no_signature(office: CardOffice) -> None:
    reader, code = CardReader(office.jwks, monotonic=lambda: 0.0), office.code(CAMILLE)
    reader.read(code, NOW)
    stamp = office.jwks.stat()
    office.jwks.write_text(json.dumps({"keys": []}))
    os.utime(office.jwks, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    reader._keys = {}
    assert reader.read(code, NOW).person_id == CAMILLE


def test_what_is_remembered_is_bounded(office: CardOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("coworking.check_ins.cards._MOST_REMEMBERED", 10)
    reader = CardReader(office.jwks)
    for _ in range(25):
        reader.read(office.code(new_id("person")), NOW)
    assert len(reader._remembered) <= 10
