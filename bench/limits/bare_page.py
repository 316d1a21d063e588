"""The limit of a page: bare Starlette and uvicorn answering the very bytes, in a process of its own.

`python -m bench.limits.bare_page FILE` says where it listens on its first line and stops when its input is closed.
"""

import asyncio
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route


def _answering(body: bytes) -> Starlette:
    async def page(_request: Request) -> HTMLResponse:
        return HTMLResponse(body)

    return Starlette(routes=[Route("/", page)])


async def _until_closed(server: uvicorn.Server) -> None:
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    server.should_exit = True


async def serve(body: bytes) -> None:
    """Answers every request for `/` with this body until the standard input is closed."""
    bound = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(_answering(body), log_level="error", access_log=False, loop="uvloop"))
    sys.stdout.write(f"127.0.0.1:{bound.getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.gather(server.serve(sockets=[bound]), _until_closed(server))


if __name__ == "__main__":
    import uvloop

    uvloop.run(serve(Path(sys.argv[1]).read_bytes()))
