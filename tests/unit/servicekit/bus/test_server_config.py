"""The generated configuration: what it says of every account, and what it never says."""

from dataclasses import replace
from pathlib import Path
from string import ascii_uppercase

import pytest
from servicekit.bus.accounts import (
    Account,
    Consumer,
    Instance,
    Integration,
    Owner,
    Registry,
    account_name,
    to_structure,
)
from servicekit.bus.server_config import Server, ServerTls, render
from servicekit.origin import Origin

KEYS = (f"U{'A' * 53}{one}{other}" for one in ascii_uppercase for other in ascii_uppercase)


def _key() -> str:
    return next(KEYS)


def _account(structure: str, *kinds: str) -> Account:
    origins = [Origin(structure=structure, kind=kind) for kind in kinds]
    instances = tuple(Instance(origin=origin, nkey=_key()) for origin in origins)
    return Account(structure=structure, owner=Owner(nkey=_key()), instances=instances)


def _registry(domain: str | None = None) -> Registry:
    structures = (_account("north", "bakery"), _account("far-south", "bakery", "mill"))
    return Registry(groupement=_account("groupement", "market"), structures=structures, domain=domain)


def _text(domain: str | None = None) -> str:
    return render(_server(), _registry(domain))


def _server() -> Server:
    tls = ServerTls(certificate=Path("/pki/bus.pem"), key=Path("/pki/bus.key"), authority=Path("/pki/ca.pem"))
    return Server(store=Path("/store"), tls=tls)


def test_every_write_reaches_the_disk_before_it_is_acknowledged() -> None:
    assert "sync_interval: always" in _text()


def test_it_listens_on_the_loopback_unless_told_otherwise() -> None:
    assert 'listen: "127.0.0.1:4222"' in _text()


def test_a_valve_exports_its_three_subjects_to_its_importer_and_the_account_exports_nothing_else() -> None:
    [account] = _blocks(_text(), "FAR_SOUTH")
    exports = account.split("exports: [")[1].split("]\n    imports")[0]
    lines = [line.strip() for line in exports.splitlines() if line.strip()]
    assert len(lines) == 3
    assert all("accounts: [GROUPEMENT__HEARD]" in line for line in lines)
    assert not [line for line in lines if "CONSUMER.>" in line or '">"' in line or "CREATE" in line]


def test_no_structure_imports_anything_from_another_one() -> None:
    text = _text()
    for account in ("NORTH", "NORTH__HEARD"):
        [block] = _blocks(text, account)
        assert "FAR_SOUTH" not in block


def test_what_others_reach_into_holds_nothing_a_structure_says_and_nobody_connects_to_it() -> None:
    [heard] = _blocks(_text(), "NORTH__HEARD")
    assert "nkey" not in heard
    [own] = _blocks(_text(), "NORTH")
    assert "account: GROUPEMENT" not in own


def test_an_integration_has_an_account_that_holds_nothing() -> None:
    account = replace(_account("north"), integrations=(_reading("north.bakery.>"),))
    text = render(_server(), Registry(groupement=_account("groupement"), structures=(account,)))
    [block] = _blocks(text, "NORTH__FOR_CALENDAR")
    assert "jetstream" not in block
    assert '{ account: NORTH, subject: "$JS.API.CONSUMER.MSG.NEXT.EVENTS.calendar" }' in block


def test_each_structure_gets_what_is_addressed_to_it_and_to_all() -> None:
    assert to_structure("far-south").filters == ("groupement.*.all.>", "groupement.*.to.far-south.>")


def test_an_instance_may_publish_its_own_subjects_only() -> None:
    [account] = _blocks(_text(), "FAR_SOUTH")
    allowed = [line for line in account.splitlines() if "publish:" in line]
    assert '"far-south.bakery.>"' in allowed[0]
    assert "far-south.mill" not in allowed[0]
    assert '"far-south.mill.>"' in allowed[1]


def test_acknowledgements_are_allowed_in_both_forms() -> None:
    [account] = _blocks(_text(), "NORTH")
    assert '"$JS.ACK.EVENTS.bakery.>"' in account
    assert '.EVENTS.bakery.>"' in account.split('"$JS.ACK.*.')[1]


def test_a_domain_shows_in_the_server_and_in_every_permission() -> None:
    text = _text("hub")
    assert 'domain: "hub"' in text
    assert '"$JS.hub.API.CONSUMER.INFO.EVENTS.bakery"' in text
    assert '"$JS.API.CONSUMER.INFO.EVENTS.bakery"' in text


def test_the_same_registry_gives_the_same_text() -> None:
    registry = _registry()
    assert render(_server(), registry) == render(_server(), registry)


def test_account_names_are_slugs_in_capitals() -> None:
    assert account_name("far-south") == "FAR_SOUTH"


@pytest.mark.parametrize("nkey", ["", "SUAB", "U" + "a" * 55, "U" + "A" * 54 + '"'])
def test_what_is_no_public_key_never_reaches_the_configuration(nkey: str) -> None:
    with pytest.raises(ValueError, match="malformed"):
        Owner(nkey=nkey)


@pytest.mark.parametrize("filters", [(), ("north.>", 'a"b'), (">",), ("north. .x",)])
def test_an_integration_names_the_subjects_it_reads(filters: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match=r"malformed|names no subject"):
        _reading(*filters)


def test_an_instance_belongs_to_its_own_structures_account() -> None:
    stranger = Instance(origin=Origin(structure="north", kind="bakery"), nkey=_key())
    with pytest.raises(ValueError, match="does not belong"):
        Account(structure="south", owner=Owner(nkey=_key()), instances=(stranger,))


def test_a_structure_has_one_account() -> None:
    with pytest.raises(ValueError, match="exactly one"):
        Registry(groupement=_account("groupement"), structures=(_account("north"), _account("north")))


def _reading(*filters: str) -> Integration:
    consumer = Consumer(stream="EVENTS", name="calendar", filters=filters)
    return Integration(name="calendar", nkey=_key(), consumers=(consumer,))


def _blocks(text: str, name: str) -> list[str]:
    return [block.split("\n  }\n")[0] for block in text.split(f"  {name} {{\n")[1:]]
