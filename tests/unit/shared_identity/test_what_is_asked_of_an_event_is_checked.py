"""What is asked of a joint event is read with care: whatever is malformed is refused, naming its field."""

from typing import Any

import pytest
from contracts import names_a_field
from google.protobuf.timestamp_pb2 import Timestamp
from groupement.shared_identity.v1 import joint_event_pb2 as pb
from groupement.shared_identity.v1 import joint_event_service_pb2 as service_pb
from reciprocity import NOW
from servicekit.refusals import Refusal
from shared_identity.joint_events import wishes
from shared_identity.joint_events.parts import Access, QuestionKind, Role

START, END = Timestamp(seconds=1_800_000_000), Timestamp(seconds=1_800_018_000)
WORKSHOP = pb.SESSION_FORMAT_WORKSHOP


def creating(**changes: Any) -> service_pb.CreateEventRequest:
    given: dict[str, Any] = {"slug": "plus-tard", "title": "Plus tard", "start_time": START, "end_time": END}
    return service_pb.CreateEventRequest(**(given | changes))


def organiser(**changes: Any) -> pb.Organiser:
    given: dict[str, Any] = {
        "name": "La salle",
        "role": pb.ORGANISER_ROLE_HOST_VENUE,
        "access": pb.ORGANISER_ACCESS_DOOR,
    }
    return pb.Organiser(**(given | changes))


def session(**changes: Any) -> pb.Session:
    given: dict[str, Any] = {"title": "Atelier", "format": WORKSHOP, "start_time": START, "end_time": END}
    return pb.Session(**(given | changes))


def arrangement(**changes: Any) -> pb.Arrangement:
    given: dict[str, Any] = {
        "outline": "Ensemble.",
        "duties": [pb.Duty(title="informer", organiser_id="organiser_1")],
        "contact": "soiree@demo.example",
    }
    return pb.Arrangement(**(given | changes))


def refused(read: Any, message: Any, wrapped: Any = None) -> tuple[str, str]:
    with pytest.raises(Refusal) as refusal:
        read(message)
    assert names_a_field((wrapped or type(message)).DESCRIPTOR, refusal.value.field), refusal.value.field
    return refusal.value.field, refusal.value.reason


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"slug": "x"}, "slug", "SLUG_MALFORMED"),
        ({"slug": "Plus20"}, "slug", "SLUG_MALFORMED"),
        ({"slug": "plus_20"}, "slug", "SLUG_MALFORMED"),
        ({"slug": "-plus"}, "slug", "SLUG_MALFORMED"),
        ({"slug": "été"}, "slug", "SLUG_MALFORMED"),
        ({"slug": "p" * 41}, "slug", "SLUG_MALFORMED"),
        ({"slug": "plus\n"}, "slug", "SLUG_MALFORMED"),
        ({"title": "  "}, "title", "FIELD_MISSING"),
        ({"title": "t" * 161}, "title", "FIELD_TOO_LONG"),
        ({"description": "\0"}, "description", "TEXT_UNPRINTABLE"),
        ({"start_time": None}, "start_time", "FIELD_MISSING"),
        ({"end_time": START}, "end_time", "ENDS_BEFORE_IT_STARTS"),
        ({"end_time": Timestamp(seconds=1 << 62)}, "end_time", "INSTANT_MALFORMED"),
        ({"venue": pb.Venue(directions="d" * 4_001)}, "venue.directions", "FIELD_TOO_LONG"),
    ],
)
def test_an_event_says_what_it_must(changes: dict[str, Any], field: str, reason: str) -> None:
    assert refused(wishes.details, creating(**changes)) == (field, reason)


@pytest.mark.parametrize("slug", ["p2", "plus20", "20-ans", "p" * 40])
def test_a_slug_is_small_letters_digits_and_hyphens(slug: str) -> None:
    assert wishes.details(creating(slug=slug)).slug == slug


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"name": ""}, "organiser.name", "FIELD_MISSING"),
        ({"role": 0}, "organiser.role", "ORGANISER_ROLE_MISSING"),
        ({"role": 99}, "organiser.role", "ORGANISER_ROLE_MISSING"),
        ({"access": 0}, "organiser.access", "ORGANISER_ACCESS_MISSING"),
        ({"access": 99}, "organiser.access", "ORGANISER_ACCESS_MISSING"),
        ({"website": "http://exemple.fr"}, "organiser.website", "WEBSITE_MALFORMED"),
        ({"website": "https://"}, "organiser.website", "WEBSITE_MALFORMED"),
        ({"website": "https://ex emple.fr"}, "organiser.website", "WEBSITE_MALFORMED"),
        ({"website": "https://[exemple"}, "organiser.website", "WEBSITE_MALFORMED"),
        ({"website": "javascript:alert(1)"}, "organiser.website", "WEBSITE_MALFORMED"),
    ],
)
def test_an_organiser_has_a_name_a_part_and_an_access(changes: dict[str, Any], field: str, reason: str) -> None:
    assert refused(wishes.organiser, organiser(**changes), service_pb.SaveOrganiserRequest) == (field, reason)


def test_a_structure_is_called_as_it_calls_itself() -> None:
    read = wishes.organiser(organiser(structure="le-nord", name="Autrement", approved_arrangement=3))
    assert (read.name, read.approvals, read.role, read.access) == ("", frozenset(), Role.HOST_VENUE, Access.DOOR)


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"title": ""}, "session.title", "FIELD_MISSING"),
        ({"format": 0}, "session.format", "SESSION_FORMAT_MISSING"),
        ({"format": 99}, "session.format", "SESSION_FORMAT_MISSING"),
        ({"end_time": None}, "session.end_time", "FIELD_MISSING"),
        ({"end_time": START}, "session.end_time", "ENDS_BEFORE_IT_STARTS"),
    ],
)
def test_a_session_has_a_title_a_kind_and_its_times(changes: dict[str, Any], field: str, reason: str) -> None:
    assert refused(wishes.session, session(**changes), service_pb.SaveSessionRequest) == (field, reason)


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"label": ""}, "question.label", "FIELD_MISSING"),
        ({"kind": 0}, "question.kind", "QUESTION_KIND_MISSING"),
        ({"kind": 2, "choices": ["seul"]}, "question.choices", "CHOICES_MISSING"),
        ({"kind": 3, "choices": ["a"] * 21}, "question.choices", "CHOICES_MISSING"),
        ({"kind": 3, "choices": ["a", " a"]}, "question.choices", "CHOICES_MISSING"),
        ({"kind": 2, "choices": ["a", ""]}, "question.choices[1]", "FIELD_MISSING"),
        ({"position": -1}, "question.position", "FIELD_OUT_OF_RANGE"),
    ],
)
def test_a_question_says_how_it_is_answered(changes: dict[str, Any], field: str, reason: str) -> None:
    given: dict[str, Any] = {"label": "Lequel ?", "kind": pb.QUESTION_KIND_TEXT}
    asked = pb.Question(**(given | changes))
    assert refused(wishes.question, asked, service_pb.SaveQuestionRequest) == (field, reason)


def test_choices_are_kept_only_where_one_chooses() -> None:
    read = wishes.question(pb.Question(label="Oui ?", kind=pb.QUESTION_KIND_YES_NO, choices=["oui"]))
    assert (read.kind, read.choices) == (QuestionKind.YES_NO, ())


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"outline": ""}, "arrangement.outline", "FIELD_MISSING"),
        ({"duties": []}, "arrangement.duties", "DUTY_MISSING"),
        ({"duties": [pb.Duty(title="trop")] * 31}, "arrangement.duties", "DUTY_MISSING"),
        ({"duties": [pb.Duty(title="")]}, "arrangement.duties[0].title", "FIELD_MISSING"),
        ({"contact": "personne"}, "arrangement.contact", "EMAIL_MALFORMED"),
        ({"retention_days": 1_096}, "arrangement.retention_days", "FIELD_OUT_OF_RANGE"),
        ({"retention_days": -1}, "arrangement.retention_days", "FIELD_OUT_OF_RANGE"),
    ],
)
def test_an_arrangement_says_who_does_what_and_how_long(changes: dict[str, Any], field: str, reason: str) -> None:
    found = refused(
        lambda wish: wishes.arrangement(wish, NOW), arrangement(**changes), service_pb.ProposeArrangementRequest
    )
    assert found == (field, reason)


@pytest.mark.parametrize(
    ("email", "access", "field", "reason"),
    [
        ("", 2, "email", "FIELD_MISSING"),
        ("personne", 2, "email", "EMAIL_MALFORMED"),
        ("a@b.c d", 2, "email", "EMAIL_MALFORMED"),
        ("a@demo.example", 0, "access", "ORGANISER_ACCESS_MISSING"),
        ("a@demo.example", 1, "access", "ORGANISER_ACCESS_MISSING"),
    ],
)
def test_a_delegate_has_an_address_and_something_to_do(email: str, access: int, field: str, reason: str) -> None:
    request = service_pb.InviteDelegateRequest(email=email, access=pb.OrganiserAccess.ValueType(access))
    assert refused(lambda asked: wishes.delegate(asked, "delegate_1"), request) == (field, reason)


def test_an_address_is_kept_as_those_of_people() -> None:
    request = service_pb.InviteDelegateRequest(email=" Dani@Demo.Example ", access=pb.ORGANISER_ACCESS_DOOR)
    assert wishes.delegate(request, "delegate_1").email == "dani@demo.example"


def test_calling_off_is_explained() -> None:
    assert refused(wishes.explanation, service_pb.CancelEventRequest(explanation=" ")) == (
        "explanation",
        "FIELD_MISSING",
    )
