"""Messages written many at a time: no header and no subject may become a line of its own."""

import pytest
from nats import errors
from servicekit.bus.client import BlockClient, header_lines


def test_headers_travel_one_a_line() -> None:
    assert header_lines({"ce-id": "1", "Nats-Msg-Id": "é"}) == "NATS/1.0\r\nce-id: 1\r\nNats-Msg-Id: é\r\n\r\n".encode()


@pytest.mark.parametrize("text", ["a\r\nPUB x 0", "a\nb", "a\rb"])
def test_a_line_break_in_a_header_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="line break"):
        header_lines({"ce-subject": text})
    with pytest.raises(ValueError, match="line break"):
        header_lines({text: "ce-subject"})


@pytest.mark.parametrize("subject", ["", "a b", "a\r\nPUB x 0\r\n", "a\tb"])
def test_a_subject_that_would_break_out_is_refused(subject: str) -> None:
    with pytest.raises(ValueError, match="not a subject"):
        BlockClient()._command(subject, {}, b"")


def test_a_message_without_room_for_its_headers_is_refused() -> None:
    client = BlockClient()
    client._max_payload = 100
    assert client._command("a", {}, b"x" * 80).startswith(b"HPUB a  12 92\r\n")
    with pytest.raises(errors.MaxPayloadError):
        client._command("a", {}, b"x" * 95)
