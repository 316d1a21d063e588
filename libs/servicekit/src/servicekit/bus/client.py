"""The nats-py client, able to publish many messages in one write: one call a message costs more than the message."""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from nats import errors
from nats.aio.client import Client

_BLOCK_BYTES = 256 * 1024


class BlockClient(Client):
    """nats-py (pinned: this uses what it keeps to itself), plus `publish_block`."""

    async def publish_block(self, messages: Iterable[tuple[str, Mapping[str, str], bytes]]) -> None:
        """Publishes messages (subject, headers, body) in their order.

        Raises ValueError when a subject or header would break out of its line, and nats-py's errors.
        """
        if not self.is_connected:
            raise errors.ConnectionClosedError
        block, size = [], 0
        for subject, headers, body in messages:
            command = self._command(subject, headers, body)
            block.append(command)
            size += len(command)
            if size >= _BLOCK_BYTES:
                await self._send_command(b"".join(block))
                block, size = [], 0
        await self._send_command(b"".join(block))
        await self._flush_pending()

    def _command(self, subject: str, headers: Mapping[str, str], body: bytes) -> bytes:
        head = header_lines(headers)
        if len(head) + len(body) > self.max_payload:
            raise errors.MaxPayloadError
        return b"HPUB %b  %d %d\r\n%b%b\r\n" % (_token(subject), len(head), len(head) + len(body), head, body)


def header_lines(headers: Mapping[str, str]) -> bytes:
    """Headers as they travel; raises ValueError when one would begin another line."""
    text = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    if text.count("\n") != len(headers) or text.count("\r") != len(headers):
        raise ValueError("a header holds a line break")
    return f"NATS/1.0\r\n{text}\r\n".encode()


@lru_cache(1024)
def _token(subject: str) -> bytes:
    if not subject or not subject.isprintable() or " " in subject:
        raise ValueError(f"not a subject: {subject!r}")
    return subject.encode()
