"""Erasure on the bus (RGPD art. 17): messages that mention somebody are deleted and overwritten on disk."""

import secrets

from servicekit.bus.accounts import DEAD_LETTERS, EVENTS, FEDERATION
from servicekit.bus.connection import ApiRefusal, Bus
from servicekit.bus.pull import Pull

_NO_STREAM = 10059
_IDLE_NANOSECONDS = 60_000_000_000


async def erase_mentions(bus: Bus, person_id: str) -> int:
    """Deletes every message of an account that mentions an id, asked with its owner's key; gives how many.

    Copies in other accounts are theirs to delete: sources do not carry deletions. Raises ApiRefusal, BusUnavailable.
    """
    if not person_id:
        raise ValueError("an empty id is mentioned everywhere")
    return sum([await _erase_in(bus, stream, person_id.encode()) for stream in (EVENTS, FEDERATION, DEAD_LETTERS)])


async def _erase_in(bus: Bus, stream: str, mention: bytes) -> int:
    found = await _mentions(bus, stream, mention)
    for sequence in found:
        await bus.call(f"STREAM.MSG.DELETE.{stream}", {"seq": sequence, "no_erase": False})
    return len(found)


async def _mentions(bus: Bus, stream: str, mention: bytes) -> list[int]:
    """The sequences of the messages that mention it, in body or headers, read through a consumer that then goes."""
    consumer = f"erasure-{secrets.token_hex(8)}"
    left = await _begin(bus, stream, consumer)
    found: list[int] = []
    if left:
        async with Pull(bus, stream, consumer) as pull:
            while left > 0:
                for message in await pull.some():
                    left = message.metadata.num_pending
                    if mention in message.data or mention in repr(message.headers).encode():
                        found.append(message.metadata.sequence.stream)
    await _end(bus, stream, consumer)
    return found


async def _begin(bus: Bus, stream: str, consumer: str) -> int:
    """Makes the consumer; gives how many messages there are to read."""
    config = {
        "name": consumer,
        "ack_policy": "none",
        "deliver_policy": "all",
        "mem_storage": True,
        "inactive_threshold": _IDLE_NANOSECONDS,
    }
    try:
        made = await bus.call(f"CONSUMER.CREATE.{stream}.{consumer}", {"stream_name": stream, "config": config})
    except ApiRefusal as refusal:
        if refusal.err_code == _NO_STREAM:
            return 0
        raise
    pending = made.get("num_pending")
    return pending if isinstance(pending, int) else 0


async def _end(bus: Bus, stream: str, consumer: str) -> None:
    try:
        await bus.call(f"CONSUMER.DELETE.{stream}.{consumer}")
    except ApiRefusal as refusal:
        if refusal.err_code != _NO_STREAM:
            raise
