"""What each key may do on the bus: the shortest list of subjects that lets it work."""

from collections.abc import Iterator
from dataclasses import dataclass

from servicekit.bus.accounts import (
    DEAD_LETTERS,
    EVENTS,
    FEDERATION,
    Instance,
    Integration,
    account_hash,
    account_name,
    api_names,
    inbox,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Permissions:
    """The subjects one user may publish and subscribe to; all others are refused."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def of_instance(instance: Instance, domain: str | None = None) -> Permissions:
    """An instance tells its own facts and manages exactly the consumers that carry its kind's name."""
    origin, kind = instance.origin, instance.origin.subject_kind
    publish = [f"{origin.structure}.{kind}.>", f"dead.{kind}.>"]
    for api in api_names(domain):
        for stream in (EVENTS, FEDERATION):
            publish += [f"{api}.CONSUMER.CREATE.{stream}.{kind}", f"{api}.CONSUMER.RESET.{stream}.{kind}"]
        publish.append(f"{api}.CONSUMER.CREATE.{DEAD_LETTERS}.{kind}.replay.{kind}.>")
        publish.append(f"{api}.CONSUMER.RESET.{DEAD_LETTERS}.{kind}")
    for stream in (EVENTS, FEDERATION, DEAD_LETTERS):
        publish += _reading(domain, origin.structure, stream, kind)
    return Permissions(publish=tuple(publish), subscribe=(f"{inbox(instance.name)}.>",))


def of_integration(integration: Integration, structure: str, domain: str | None = None) -> Permissions:
    """An integration asks for the next fact of the consumers made for it, and acknowledges them."""
    publish: list[str] = []
    for consumer in integration.consumers:
        publish += _reading(domain, structure, consumer.stream, consumer.name)
    return Permissions(publish=tuple(publish), subscribe=(f"{inbox(integration.name)}.>",))


def _reading(domain: str | None, structure: str, stream: str, consumer: str) -> Iterator[str]:
    """Reading one consumer; acknowledgements in both of the server's forms, since a flag decides which it sends."""
    for api in api_names(domain):
        yield f"{api}.CONSUMER.INFO.{stream}.{consumer}"
        yield f"{api}.CONSUMER.MSG.NEXT.{stream}.{consumer}"
    yield f"$JS.ACK.{stream}.{consumer}.>"
    yield f"$JS.ACK.*.{account_hash(account_name(structure))}.{stream}.{consumer}.>"
