"""Days, times and numbers typed by organisers, cells of their exports, codes typed at a door, what its page may do."""

from datetime import UTC, datetime

import pytest
from groupement.shared_identity.v1.joint_event_pb2 import (
    SESSION_FORMAT_UNSPECIFIED,
    SESSION_FORMAT_WORKSHOP,
    SessionFormat,
)
from portal.forms import Form
from portal.headers import door_headers, security_headers
from portal.pages.door.page import ticket_code
from portal.pages.organising.moments import (
    DayMalformed,
    NumberMalformed,
    TimeMalformed,
    day_field,
    day_start,
    moment,
    number,
    one_of,
    span,
    time_field,
)
from portal.pages.organising.registrants import plain_cell
from portal.proofs import door_keys
from servicekit.timestamps import timestamp


def typed(**values: str) -> Form:
    return Form(values=values)


def test_a_moment_is_read_on_the_clock_of_paris() -> None:
    read = moment(typed(jour="2026-11-30", heure="18:00"), "jour", "heure")
    assert read.astimezone(UTC) == datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
    shown = timestamp(read)
    assert (day_field(shown), time_field(shown)) == ("2026-11-30", "18:00")


def test_what_is_no_day_or_no_time_is_refused_at_its_field() -> None:
    with pytest.raises(DayMalformed) as no_day:
        moment(typed(jour="demain", heure="18:00"), "jour", "heure")
    with pytest.raises(TimeMalformed) as no_time:
        moment(typed(jour="2026-11-30", heure="tard"), "jour", "heure")
    assert (no_day.value.field, no_time.value.field) == ("jour", "heure")


def test_a_session_that_ends_before_it_starts_ends_after_midnight() -> None:
    start, end = span(typed(jour="2026-11-30", de="22:00", a="01:30"), "jour", "de", "a")
    assert end.seconds - start.seconds == 3.5 * 3600


def test_a_release_day_may_be_left_empty() -> None:
    assert day_start(typed(jour=""), "jour") is None
    found = day_start(typed(jour="2026-11-28"), "jour")
    assert found is not None and found.ToDatetime(UTC) == datetime(2026, 11, 27, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["", "-1", "1,5", "beaucoup", "٣", "99999999"])
def test_what_is_no_whole_number_is_refused(text: str) -> None:
    with pytest.raises(NumberMalformed):
        number(typed(places=text), "places")


def test_a_number_may_have_spaces_between_its_digits() -> None:
    assert number(typed(places="1 500"), "places") == 1500


def test_a_value_the_contract_does_not_have_is_the_one_never_sent() -> None:
    known = SessionFormat.values()
    assert one_of(known, str(SESSION_FORMAT_WORKSHOP), SESSION_FORMAT_UNSPECIFIED) == SESSION_FORMAT_WORKSHOP
    assert one_of(known, "4000", SESSION_FORMAT_UNSPECIFIED) == SESSION_FORMAT_UNSPECIFIED


@pytest.mark.parametrize("cell", ["=1+1", "+33", "-2", "@SUM(A1)", "\t=1"])
def test_no_cell_is_a_formula(cell: str) -> None:
    assert plain_cell(cell) == f"'{cell}"


def test_other_cells_stay_as_they_are() -> None:
    assert plain_cell("Camille") == "Camille"


@pytest.mark.parametrize("text", ["abc-DEF_1", " abc-DEF_1 ", "https://portail.example/billet?code=abc-DEF_1"])
def test_a_tickets_code_is_found_in_what_is_typed(text: str) -> None:
    assert ticket_code(text) == "abc-DEF_1"


def test_only_the_doors_page_may_use_the_camera_and_a_worker() -> None:
    usual = security_headers(issuer_origin="https://portail.example", secure=True)
    at_the_door = door_headers(usual)
    assert "camera=()" in usual["permissions-policy"] and "camera=(self)" in at_the_door["permissions-policy"]
    assert "worker-src" not in usual["content-security-policy"]
    assert at_the_door["content-security-policy"].endswith("worker-src 'self'; manifest-src 'self'")


def test_keys_of_doors_are_told_from_the_others() -> None:
    keys = [{"kid": "sign-1", "kty": "RSA"}, {"kid": "card-1", "kty": "OKP"}, {"kid": "door-1", "kty": "OKP"}]
    assert [key["kid"] for key in door_keys({"keys": keys})] == ["door-1"]
    assert door_keys({}) == []
