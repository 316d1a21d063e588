"""Ports: the portal's is the one asked for; the others never collide."""

import socket

import pytest
from groupement_cli.addresses import choose
from groupement_cli.exits import CONFLICT, USAGE, Trouble
from servicekit.origin import Origin

INSTANCES = tuple(Origin(structure=f"structure-{number}", kind="coworking") for number in range(5))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_every_address_is_different_and_on_loopback() -> None:
    chosen = choose(free_port(), INSTANCES)
    found = [chosen.portal, chosen.provider, chosen.provider_mtls, chosen.bus, chosen.smtp]
    found += [*chosen.instances.values(), *chosen.metrics.values()]
    assert len(set(found)) == len(found)
    assert all(address.startswith("127.0.0.1:") for address in found)


def test_a_taken_port_is_refused_in_one_line_that_says_what_to_do() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(Trouble, match=rf"port {taken} is in use.*PORT=") as refused:
            choose(taken, INSTANCES)
    assert refused.value.exit_code == CONFLICT


def test_the_provider_moves_when_the_port_beside_the_portal_is_taken() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        beside = other.getsockname()[1]
        chosen = choose(beside - 1, INSTANCES)
    assert chosen.portal == f"127.0.0.1:{beside - 1}"
    assert chosen.provider != f"127.0.0.1:{beside}"


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_what_is_no_port_is_wrong_usage(port: int) -> None:
    with pytest.raises(Trouble) as refused:
        choose(port, INSTANCES)
    assert refused.value.exit_code == USAGE


def test_public_addresses_are_told_where_they_differ() -> None:
    chosen = choose(free_port(), INSTANCES, portal_url="https://a.example", issuer="https://b.example")
    assert (chosen.portal_url, chosen.issuer) == ("https://a.example", "https://b.example")
