"""What each key may do on the bus: the shortest list of subjects that lets it work."""

from dataclasses import dataclass

from servicekit.bus.accounts import (
    DEAD_LETTERS,
    EVENTS,
    FEDERATION,
    HEARD_API,
    Instance,
    Integration,
    account_hash,
    api_names,
    api_prefix,
    imported_api,
    inbox,
    keeper_name,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Permissions:
    """The subjects one user may publish and subscribe to; all others are refused."""

    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


def of_instance(instance: Instance, domain: str | None = None) -> Permissions:
    """An instance tells its own facts, hears its replicas tell theirs, and manages the consumers of its kind's name."""
    origin, kind = instance.origin, instance.origin.subject_kind
    publish = [f"{origin.structure}.{kind}.>", f"dead.{kind}.>"]
    for stream in (EVENTS, FEDERATION, DEAD_LETTERS):
        only = f".replay.{kind}.>" if stream == DEAD_LETTERS else ""
        for api in _apis(stream, domain):
            publish += [f"{api}.CONSUMER.CREATE.{stream}.{kind}{only}", f"{api}.CONSUMER.RESET.{stream}.{kind}"]
            publish += reading(api, stream, kind)
        publish += acknowledging(origin.structure, stream, kind)
    own = f"{origin.structure}.{kind}.>"
    return Permissions(publish=tuple(publish), subscribe=(f"{inbox(instance.name)}.>", own))


def of_integration(integration: Integration, structure: str) -> Permissions:
    """An integration asks for the next fact of the consumers made for it, and acknowledges them.

    Under its client's usual API prefix it finds what comes next; under the structure's (`JS.la-ruche.API`) also how far
    it is.
    """
    publish: list[str] = []
    for consumer in integration.consumers:
        publish += reading(imported_api(structure), consumer.stream, consumer.name)
        publish.append(next_of(api_prefix(None), consumer.stream, consumer.name))
        publish += acknowledging(structure, consumer.stream, consumer.name)
    return Permissions(publish=tuple(publish), subscribe=(f"{inbox(integration.name)}.>",))


def reading(api: str, stream: str, consumer: str) -> tuple[str, str]:
    """Reading one consumer: how far it is, and what comes next."""
    return f"{api}.CONSUMER.INFO.{stream}.{consumer}", next_of(api, stream, consumer)


def next_of(api: str, stream: str, consumer: str) -> str:
    """What comes next."""
    return f"{api}.CONSUMER.MSG.NEXT.{stream}.{consumer}"


def acknowledging(structure: str, stream: str, consumer: str = "*") -> tuple[str, str]:
    """Acknowledging, in both of the server's forms, since a flag decides which it sends."""
    keeper = account_hash(keeper_name(structure, stream))
    return f"$JS.ACK.{stream}.{consumer}.>", f"$JS.ACK.*.{keeper}.{stream}.{consumer}.>"


def _apis(stream: str, domain: str | None) -> tuple[str, ...]:
    return (HEARD_API,) if stream == FEDERATION else api_names(domain)
