"""What passes between accounts on one server: the shortest lists of subjects that let facts through.

A user may name any subject of its account as the one to be answered on, and the server does not ask whether the user
may publish there: an answer without body, sent to `$JS.API.STREAM.DELETE.EVENTS`, deletes a stream. Permissions do not
hold against that; accounts do. So what others reach into is kept apart from what it could harm: FEDERATION, which
answers the flow control of others' valves, has an account of its own, and so has each integration.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass

from servicekit.bus.accounts import (
    FEDERATION,
    HEARD_API,
    Account,
    Integration,
    Registry,
    Valve,
    account_name,
    api_prefix,
    heard_name,
    imported_api,
    keeper_name,
)
from servicekit.bus.permissions import acknowledging, next_of, reading


@dataclass(frozen=True, kw_only=True, slots=True)
class Borders:
    """The exports and imports of one account, as lines of the configuration."""

    exports: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()


def own_borders(account: Account, registry: Registry) -> Borders:
    """The structure's account: lets its valves and its integrations out, and reaches its own FEDERATION."""
    exports = [line for valve in registry.valves() if valve.owner == account.structure for line in _valve_out(valve)]
    imports = [_service_in(account.heard, f"{api_prefix(None)}.>", f"{HEARD_API}.>")]
    imports += [_service_in(account.heard, subject) for subject in acknowledging(account.structure, FEDERATION)]
    return Borders(exports=(*exports, *_integrations_out(account, account.name)), imports=tuple(imports))


def heard_borders(account: Account, registry: Registry) -> Borders:
    """The account that holds FEDERATION: hears others' valves, and is managed by the structure's own account."""
    imports = [line for valve in registry.valves() if valve.importer == account.structure for line in _valve_in(valve)]
    exports = [_service_out(f"{api_prefix(None)}.>", account.name, answers=True)]
    exports += [_service_out(subject, account.name) for subject in acknowledging(account.structure, FEDERATION)]
    return Borders(exports=(*exports, *_integrations_out(account, account.heard)), imports=tuple(imports))


def integration_borders(account: Account, integration: Integration) -> Borders:
    """The account of one integration: reaches the consumers made for it.

    What comes next can be asked under the usual prefix too, as clients do unless told otherwise.
    """
    imports: list[str] = []
    for consumer in integration.consumers:
        keeper = keeper_name(account.structure, consumer.stream)
        asked = reading(api_prefix(None), consumer.stream, consumer.name)
        local = reading(imported_api(account.structure), consumer.stream, consumer.name)
        imports += [_service_in(keeper, subject, name) for subject, name in zip(asked, local, strict=True)]
        imports.append(_service_in(keeper, next_of(api_prefix(None), consumer.stream, consumer.name)))
        acknowledged = acknowledging(account.structure, consumer.stream, consumer.name)
        imports += [_service_in(keeper, subject) for subject in acknowledged]
    return Borders(imports=tuple(imports))


def _integrations_out(account: Account, keeper: str) -> Iterator[str]:
    for integration in account.integrations:
        importer = account.integration_name(integration)
        for consumer in integration.consumers:
            if keeper_name(account.structure, consumer.stream) == keeper:
                for subject in reading(api_prefix(None), consumer.stream, consumer.name):
                    yield _service_out(subject, importer, answers=True)
                for subject in acknowledging(account.structure, consumer.stream, consumer.name):
                    yield _service_out(subject, importer)


def _valve_out(valve: Valve) -> Iterator[str]:
    """Three subjects a valve, and nothing else: resume, delivery, flow control."""
    importer = heard_name(valve.importer)
    yield _service_out(valve.reset, importer, answers=True)
    yield f"{{ stream: {quoted(valve.deliver_subject)}, accounts: [{importer}] }}"
    yield _service_out(valve.flow_control, importer)


def _valve_in(valve: Valve) -> Iterator[str]:
    owner = account_name(valve.owner)
    yield _service_in(owner, valve.reset, valve.imported_reset)
    yield f"{{ stream: {{ account: {owner}, subject: {quoted(valve.deliver_subject)} }} }}"
    yield _service_in(owner, valve.flow_control)


def _service_out(subject: str, importer: str, *, answers: bool = False) -> str:
    response = ", response_type: stream" if answers else ""
    return f"{{ service: {quoted(subject)}{response}, accounts: [{importer}] }}"


def _service_in(owner: str, subject: str, local: str = "") -> str:
    renamed = f", to: {quoted(local)}" if local else ""
    return f"{{ service: {{ account: {owner}, subject: {quoted(subject)} }}{renamed} }}"


def quoted(text: str) -> str:
    """A string as the configuration writes it."""
    return json.dumps(text, ensure_ascii=False)
