"""Ports for tests, below those that outgoing connections are given: what is free now is free a moment later."""

import random
import socket

_OURS = range(10_000, 20_000)
_TRIES = 200


def free_port(*, side_by_side: int = 1) -> int:
    """A port nobody listens on, the next ones free as well when asked for."""
    for port in random.sample(_OURS, k=_TRIES):
        if all(_is_free(port + further) for further in range(side_by_side)):
            return port
    raise AssertionError("no free port is left on 127.0.0.1")


def _is_free(port: int) -> bool:
    with socket.socket() as listening:
        try:
            listening.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
