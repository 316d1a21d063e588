"""The envelope: CloudEvents 1.0 in NATS binary mode, and what is refused as no fact of ours."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from bakery import LoafBaked, baked
from hypothesis import given
from hypothesis import strategies as st
from servicekit.bus.accounts import account_hash
from servicekit.bus.envelope import Malformed, Received, encoded, opened, to_headers
from servicekit.facts import Fact, subject
from servicekit.origin import Origin

ORIGIN = Origin(structure="north", kind="corner-bakery")
FACT = baked("loaf_1", 7)
ZONES = [UTC, timezone(timedelta(hours=2)), timezone(timedelta(hours=-9.5))]


def test_the_headers_are_those_of_the_nats_binding() -> None:
    assert to_headers(ORIGIN, FACT) == {
        "Nats-Msg-Id": FACT.id,
        "ce-specversion": "1.0",
        "ce-id": FACT.id,
        "ce-source": "//groupement/north/corner-bakery",
        "ce-type": "org.house.bakery.loaf_baked.v1",
        "ce-time": "2026-03-14T15:09:26.535897Z",
        "ce-subject": "loaf_1",
        "ce-sequence": "7",
        "ce-dataschema": "proto:house.bakery.v1.LoafBaked",
        "ce-datacontenttype": "application/json",
    }


def test_what_was_sent_is_what_is_received() -> None:
    got = _opened(FACT)
    assert (got.id, got.type, got.aggregate_id, got.version) == (FACT.id, FACT.kind.type, "loaf_1", 7)
    assert (got.structure, got.kind, got.audience) == ("north", "corner-bakery", "own")
    assert got.time == FACT.time
    assert got.message(LoafBaked) == LoafBaked(loaf_id="loaf_1", grams=500)


def test_fields_added_to_the_contract_since_are_ignored() -> None:
    body = FACT.body[:-1] + b', "crust": "golden"}'
    assert _opened(replace(FACT, body=body)).message(LoafBaked).loaf_id == "loaf_1"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1))
def test_any_text_survives_the_percent_encoding(text: str) -> None:
    written = encoded(text)
    assert all("!" <= character <= "~" and character != '"' for character in written)
    assert _opened(replace(FACT, aggregate_id=text)).aggregate_id == text


@given(st.datetimes(datetime(1900, 1, 1), datetime(2900, 1, 1), timezones=st.sampled_from(ZONES)))
def test_any_instant_survives_to_the_microsecond(instant: datetime) -> None:
    if (
        timedelta(days=2)
        < instant.replace(tzinfo=None) - datetime.min
        < datetime.max - datetime.min - timedelta(days=2)
    ):
        assert _opened(replace(FACT, time=instant)).time == instant


@pytest.mark.parametrize("name", ["ce-id", "ce-source", "ce-type", "ce-time", "ce-subject", "ce-sequence"])
def test_a_header_that_is_missing_is_refused(name: str) -> None:
    headers = to_headers(ORIGIN, FACT)
    del headers[name]
    with pytest.raises(Malformed, match=name):
        _open(headers)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("ce-source", "//elsewhere/north/corner-bakery"),
        ("ce-source", "//groupement/south/corner-bakery"),
        ("ce-source", "//groupement/north/mill"),
        ("ce-type", "org.house.bakery.loaf_eaten.v1"),
        ("ce-time", "yesterday"),
        ("ce-time", "2026-03-14T15:09:26"),
        ("ce-sequence", "-1"),
        ("ce-sequence", "seven"),
        ("ce-sequence", "²"),
    ],
)
def test_a_header_that_is_wrong_or_contradicts_the_subject_is_refused(name: str, text: str) -> None:
    with pytest.raises(Malformed):
        _open({**to_headers(ORIGIN, FACT), name: text})


@pytest.mark.parametrize(
    "where", ["north.corner_bakery.own.loaf", "north.corner_bakery.own.x.loaf.baked", "a", "north.corner_bakery.to.x.y"]
)
def test_a_subject_of_another_shape_is_refused(where: str) -> None:
    with pytest.raises(Malformed):
        _open(to_headers(ORIGIN, FACT), where=where)


def test_a_body_that_is_no_json_is_refused_without_being_quoted() -> None:
    with pytest.raises(Malformed) as refused:
        _opened(replace(FACT, body=b'{"loafId": secret}')).message(LoafBaked)
    assert "secret" not in str(refused.value)


def test_what_comes_by_federation_came_through_the_valve_of_the_structure_it_names() -> None:
    headers = to_headers(ORIGIN, FACT)
    mine, others = (f"EVENTS:{account_hash(f'JS.{slug}.API')}:C=x 1 > > a b" for slug in ("north", "south"))
    assert _open({**headers, "Nats-Stream-Source": mine}, stream="FEDERATION").structure == "north"
    for source in (others, "", "EVENTS", "EVENTS:"):
        with pytest.raises(Malformed):
            _open({**headers, "Nats-Stream-Source": source}, stream="FEDERATION")


def _opened(fact: Fact) -> Received:
    return _open(to_headers(ORIGIN, fact), fact)


def _open(headers: dict[str, str], fact: Fact = FACT, *, where: str = "", stream: str = "EVENTS") -> Received:
    place = where or subject(ORIGIN, fact)
    return opened(place, headers, fact.body, stream=stream, stream_sequence=1, deliveries=1)
