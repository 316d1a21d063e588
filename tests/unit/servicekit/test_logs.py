"""Logs: what the contract marks as personal never reaches a line, whichever way it gets in."""

import io
import json
import logging
from collections.abc import Callable, Iterator

import pytest
import structlog
from greeting import pb
from servicekit import logs

CANARY = "Amina Benali"
VISITOR = pb.Visitor(
    person_id="person_018f00000000000000000000000000ab",
    display_name=CANARY,
    email=[f"{CANARY}@example.org"],
    door_code="1234",
    language="fr",
    remark=CANARY,
    booking_id="booking_018f00000000000000000000000000ab",
    visits=3,
)
Lines = Callable[[], list[dict[str, object]]]


@pytest.fixture
def lines() -> Iterator[Lines]:
    stream = io.StringIO()
    logs.configure(instance="coworking@la-place", stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    structlog.reset_defaults()
    logging.basicConfig(force=True)


def test_a_message_is_logged_without_what_is_personal_or_unmarked_text() -> None:
    assert logs.redacted(VISITOR) == {
        "person_id": logs.REDACTED,
        "display_name": logs.REDACTED,
        "email": logs.REDACTED,
        "door_code": logs.REDACTED,
        "language": "fr",
        "remark": logs.REDACTED,
        "booking_id": "booking_018f00000000000000000000000000ab",
        "visits": 3,
    }


def test_a_message_inside_a_message_is_redacted_too() -> None:
    assert CANARY not in str(logs.redacted(pb.GreetRequest(wish="hello", visitor=VISITOR)))


def test_an_unmarked_identifier_of_a_person_is_left_out() -> None:
    seen = pb.GreetResponse(person_id="person_018f00000000000000000000000000ab")
    assert logs.redacted(seen) == {"person_id": logs.REDACTED}


def test_messages_and_exceptions_in_a_line_are_redacted(lines: Lines) -> None:
    log = structlog.get_logger()
    log.info("greeted", request=VISITOR, error=ValueError(CANARY))
    try:
        raise KeyError(CANARY) from ValueError(CANARY)
    except KeyError:
        log.exception("failed")
    log.error("failed", exc_info=ExceptionGroup(CANARY, [ValueError(CANARY)]))
    text = json.dumps(lines(), ensure_ascii=False)
    assert CANARY not in text
    assert [line["event"] for line in lines()] == ["greeted", "failed", "failed"]
    assert "KeyError" in text
    assert "test_logs.py" in text


def test_a_key_named_as_a_personal_field_is_redacted_once_the_contract_is_known(lines: Lines) -> None:
    logs.learn([pb.GreetRequest.DESCRIPTOR])
    structlog.get_logger().info("greeted", display_name=CANARY, door_code="1234", language="fr")
    [line] = lines()
    assert (line["display_name"], line["door_code"], line["language"]) == (logs.REDACTED, logs.REDACTED, "fr")


def test_what_libraries_log_loses_its_arguments_and_its_exceptions_their_text(lines: Lines) -> None:
    log = logging.getLogger("some.library")
    try:
        raise ValueError(CANARY)
    except ValueError:
        log.exception("cannot store %s", CANARY)
    log.info("not worth a line")
    [line] = lines()
    assert (line["event"], line["logger"], line["level"]) == ("cannot store %s", "some.library", "error")
    assert CANARY not in json.dumps(line)


def test_every_line_says_when_and_which_instance(lines: Lines) -> None:
    structlog.get_logger().info("ready")
    [line] = lines()
    assert line["instance"] == "coworking@la-place"
    assert str(line["timestamp"]).endswith("Z")
