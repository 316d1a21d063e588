"""The limit of a door: a grpc.aio server and channel with mutual TLS and the same options, and nothing behind them."""

from collections.abc import Mapping
from typing import Any

import grpc
from google.protobuf.message import Message
from servicekit.origin import Origin
from servicekit.pki import Tls
from servicekit.rpc import channels
from servicekit.rpc.server import _credentials, _options


class NoOp:
    """Answers every method of a service with the same message, which has the size of a real answer."""

    def __init__(self, answers: Mapping[str, Message]) -> None:
        self._answers = answers

    def __getattr__(self, method: str) -> Any:
        answer = self._answers.get(method)

        async def reply(_request: object, _context: object) -> Message:
            if answer is None:
                raise NotImplementedError(method)
            return answer

        return reply


async def serve(tls: Tls, add: Any, servicer: object) -> tuple[grpc.aio.Server, str]:
    """A bare server of a generated service: no guard, no count, no log; and its address."""
    server = grpc.aio.server(options=_options(reuse_port=False))
    add(servicer, server)
    port = server.add_secure_port("127.0.0.1:0", _credentials(tls))
    await server.start()
    return server, f"127.0.0.1:{port}"


def channel(address: str, target: Origin, tls: Tls) -> grpc.aio.Channel:
    """A bare channel with the options of ours."""
    return channels.channel(address, target, tls).plain
