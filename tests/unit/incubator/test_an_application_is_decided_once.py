"""What an application needs, and how it is decided: once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from incubator.calls.domain import AlreadyDecided, Application, ApplicationState, ApplicationWish, submit
from servicekit.etags import StaleEtag
from servicekit.fields import EmailMalformed, FieldMissing, FieldTooLong, PhoneMalformed

AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
WISH = ApplicationWish(
    programme_id="programme_1",
    applicant_name="Camille Fictive",
    email="camille@demo.example",
    phone="",
    project_name="Les Fanes",
    pitch="Cuisiner ce que le marché jette.",
)
SENT = submit(WISH, application_id="application_1", person_id="person_4", at=AT)
DECISIONS: list[Callable[[Application], Application]] = [
    lambda application: application.admit("project_1", at=AT),
    lambda application: application.decline(at=AT),
    lambda application: application.withdraw(at=AT),
]


@pytest.mark.parametrize(
    ("decide", "state"), list(zip(DECISIONS, list(ApplicationState)[1:], strict=True)), ids=list(ApplicationState)[1:]
)
def test_an_application_is_decided_and_its_version_rises(
    decide: Callable[[Application], Application], state: ApplicationState
) -> None:
    decided = decide(SENT)
    assert (decided.state, decided.decided_at, decided.version) == (state, AT, 2)


@pytest.mark.parametrize("first", DECISIONS)
@pytest.mark.parametrize("second", DECISIONS)
def test_an_application_is_never_decided_twice(
    first: Callable[[Application], Application], second: Callable[[Application], Application]
) -> None:
    decided = first(SENT)
    with pytest.raises(AlreadyDecided):
        second(decided)


def test_an_application_that_changed_since_it_was_read_is_not_decided() -> None:
    with pytest.raises(StaleEtag):
        SENT.check_open('"2"')
    with pytest.raises(AlreadyDecided):
        SENT.decline(at=AT).check_open()
    SENT.check_open('"1"')


@pytest.mark.parametrize("phone", ["", "0491000000", "04 91 00 00 00", "+33 (0)4.91-00/00"])
def test_a_telephone_is_written_in_many_ways(phone: str) -> None:
    assert replace(WISH, phone=phone).phone == phone


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"applicant_name": ""}, FieldMissing),
        ({"applicant_name": "a" * 121}, FieldTooLong),
        ({"email": ""}, FieldMissing),
        ({"email": "camille"}, EmailMalformed),
        ({"email": "camille@demo"}, EmailMalformed),
        ({"email": "ca mille@demo.example"}, EmailMalformed),
        ({"email": "a@" + "a" * 253}, FieldTooLong),
        ({"phone": "12"}, PhoneMalformed),
        ({"phone": "appelez-moi"}, PhoneMalformed),
        ({"phone": "1" * 16}, PhoneMalformed),
        ({"project_name": ""}, FieldMissing),
        ({"project_name": "a" * 121}, FieldTooLong),
        ({"pitch": ""}, FieldMissing),
        ({"pitch": "a" * 4001}, FieldTooLong),
    ],
)
def test_an_application_that_makes_no_sense_is_refused(change: dict[str, str], refusal: type[Exception]) -> None:
    with pytest.raises(refusal) as refused:
        replace(WISH, **change)
    assert getattr(refused.value, "field", "") == next(iter(change))
