"""What an event offers to somebody who would like to be there, and what becomes of what they type."""

from datetime import UTC, date, datetime, timedelta

import pytest
from google.protobuf.timestamp_pb2 import Timestamp
from groupement.shared_identity.v1.joint_event_pb2 import (
    JOINT_EVENT_STATE_CANCELLED,
    JOINT_EVENT_STATE_CLOSED,
    JOINT_EVENT_STATE_PUBLISHED,
    QUESTION_KIND_CHOICE,
    QUESTION_KIND_CHOICES,
    QUESTION_KIND_TEXT,
    QUESTION_KIND_YES_NO,
    JointEvent,
    Question,
    Session,
)
from groupement.shared_identity.v1.registration_pb2 import REGISTRANT_PROFILE_ASSOCIATION, SeatsLeft
from groupement.shared_identity.v1.registration_service_pb2 import GetAvailabilityResponse
from portal.forms import Form
from portal.i18n import language
from portal.pages.events.fields import Fields, attendee, checked, chosen, complete
from portal.pages.events.private import digest
from portal.pages.events.seats import Seats, Stage, moments, parts, stage

STARTS = datetime(2026, 11, 30, 17, 0, tzinfo=UTC)
FRENCH = language("fr")


def at(hours: float) -> Timestamp:
    stamp = Timestamp()
    stamp.FromDatetime(STARTS + timedelta(hours=hours))
    return stamp


def session(name: str, start: float, end: float, *, is_chosen: bool = True) -> Session:
    return Session(session_id=name, title=name, start_time=at(start), end_time=at(end), chosen=is_chosen)


def evening(state: int = JOINT_EVENT_STATE_PUBLISHED) -> JointEvent:
    return JointEvent(
        event_id="event_1",
        slug="soir",
        state=state,  # type: ignore[arg-type]
        start_time=at(0),
        end_time=at(5),
        sessions=[
            session("opening", 0, 1, is_chosen=False),
            session("housing", 1, 2.5),
            session("food", 1, 2.5),
            session("walk", 2, 3),
            session("late", 3, 4),
        ],
        questions=[
            Question(question_id="how", kind=QUESTION_KIND_CHOICE, choices=["Press", "Friend"], required=True),
            Question(question_id="dish", kind=QUESTION_KIND_YES_NO, session_id="food", required=True),
            Question(question_id="tools", kind=QUESTION_KIND_CHOICES, choices=["Saw", "Glue"], session_id="housing"),
            Question(question_id="word", kind=QUESTION_KIND_TEXT),
        ],
    )


def told(*, free: int = 3, kept: int = 0, size: int = 10, is_open: bool = True) -> GetAvailabilityResponse:
    return GetAvailabilityResponse(size=size, free=free, kept_for_you=kept, open=is_open)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (told(), Stage.OPEN),
        (told(free=0), Stage.FULL),
        (told(size=0, free=0), Stage.NOT_YET),
        (told(is_open=False), Stage.NOT_YET),
        (told(free=0, kept=1), Stage.OPEN),
        (None, Stage.UNKNOWN),
    ],
)
def test_before_it_starts_seats_decide(answer: GetAvailabilityResponse | None, expected: Stage) -> None:
    assert stage(evening(), answer, STARTS - timedelta(days=1)) is expected


def test_time_goes_before_seats() -> None:
    assert stage(evening(), told(), STARTS) is Stage.UNDER_WAY
    assert stage(evening(), told(), STARTS + timedelta(hours=5)) is Stage.OVER
    assert stage(evening(JOINT_EVENT_STATE_CLOSED), told(), STARTS - timedelta(days=1)) is Stage.OVER


def test_an_event_called_off_is_nothing_else() -> None:
    assert stage(evening(JOINT_EVENT_STATE_CANCELLED), told(), STARTS + timedelta(hours=9)) is Stage.CANCELLED


def test_sessions_that_overlap_are_one_choice_even_by_another() -> None:
    assert [[s.session_id for s in moment.sessions] for moment in moments(evening())] == [
        ["housing", "food", "walk"],
        ["late"],
    ]


def test_only_what_begins_and_ends_together_stands_side_by_side() -> None:
    assert [[s.session_id for s in part] for part in parts(evening())] == [
        ["opening"],
        ["housing", "food"],
        ["walk"],
        ["late"],
    ]


def test_what_is_not_to_choose_there_is_not_chosen() -> None:
    form = Form(values={"temps-1": "food", "temps-2": "opening"})
    assert chosen(form, moments(evening())) == ["food"]


def test_questions_of_another_session_are_neither_required_nor_sent() -> None:
    event = evening()
    form = complete(event, Form(values={"temps-1": "housing", "how": "1", "dish": "yes", "tools": "0,1"}))
    assert checked(event, form, FRENCH, named=False).errors == ()
    answers = {answer.question_id: list(answer.values) for answer in attendee(event, form, FRENCH).answers}
    assert answers == {"how": ["Friend"], "tools": ["Saw", "Glue"]}


def test_all_that_is_missing_is_said_at_once() -> None:
    event = evening()
    form = checked(event, complete(event, Form(values={"temps-1": "food"})), FRENCH, named=True)
    assert [error.field for error in form.errors] == ["given_name", "family_name", "email", "how", "dish"]


def test_an_address_no_mail_could_reach_is_said_with_the_rest() -> None:
    form = checked(evening(), Form(values={"given_name": "", "email": "claude@", "how": "0"}), FRENCH, named=True)
    assert [error.field for error in form.errors][:3] == ["given_name", "family_name", "email"]


def test_an_answer_that_is_too_long_is_said_at_its_question() -> None:
    event = evening()
    form = checked(event, complete(event, Form(values={"how": "0", "word": "x" * 501})), FRENCH, named=False)
    assert [error.field for error in form.errors] == ["word"]


def test_a_choice_nobody_offered_is_no_answer() -> None:
    event = evening()
    for typed in ("7", "-1", "x", "999999", "²"):
        form = complete(event, Form(values={"how": typed}))
        assert list(attendee(event, form, FRENCH).answers) == []


def test_what_one_says_one_is_is_known_or_not_said() -> None:
    event = evening()
    said = attendee(event, complete(event, Form(values={"profile": "ASSOCIATION"})), FRENCH)
    assert said.profile == REGISTRANT_PROFILE_ASSOCIATION
    assert attendee(event, complete(event, Form(values={"profile": "KING"})), FRENCH).profile == 0


def test_a_full_session_stays_open_to_whoever_has_it_and_to_wishes() -> None:
    seats = Seats(stage=Stage.OPEN, sessions={"food": SeatsLeft(session_id="food", size=2, free=0)})
    event, form = evening(), Form()
    assert Fields(event=event, seats=seats, form=form).shut("food")
    assert not Fields(event=event, seats=seats, form=form).shut("late")
    assert not Fields(event=event, seats=seats, form=form, wishing=True).shut("food")
    assert not Fields(event=event, seats=seats, form=form, held=frozenset({"food"})).shut("food")


def test_a_visitor_is_the_same_for_one_day_and_unreadable() -> None:
    day, key = date(2026, 11, 30), b"k" * 32
    seen = digest("192.0.2.7", day, key)
    assert seen == digest("192.0.2.7", day, key)
    others = {
        digest("192.0.2.8", day, key),
        digest("192.0.2.7", day + timedelta(days=1), key),
        digest("192.0.2.7", day, b"l" * 32),
    }
    assert len(others | {seen}) == 4
    assert "192" not in seen


def test_who_has_many_addresses_is_one_visitor() -> None:
    """A line has an IPv6 network of its own: each of its addresses would keep seats anew."""
    day, key = date(2026, 11, 30), b"k" * 32
    assert digest("2001:db8:0:1::7", day, key) == digest("2001:db8::1:ffff:0:0:8", day, key)
    assert digest("2001:db8:0:1::7", day, key) != digest("2001:db8:0:2::7", day, key)
    assert digest("::ffff:192.0.2.7", day, key) == digest("192.0.2.7", day, key)
    assert digest("testclient", day, key) != digest("", day, key)
