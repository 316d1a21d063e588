"""Addresses hold codes: neither the line of a request nor the note of a mistake of ours says them."""

import pytest
from portal.pages import errors
from portal.request_log import RequestLog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from structlog.testing import capture_logs

CODE = "a-code-nobody-else-has"


class Visited:
    """As much of a visit as a mistake needs."""

    def __init__(self, request: Request) -> None:
        self.request = request


async def _break(_: Request) -> Response:
    raise RuntimeError(CODE)


async def _note(request: Request, error: Exception) -> Response:
    with pytest.raises(AttributeError):
        await errors.unexpected(Visited(request), error)  # type: ignore[arg-type]
    return PlainTextResponse("")


@pytest.mark.parametrize("path", [f"/inscription/{CODE}", f"/inscription/{CODE}/", f"/inscription/{CODE}/{CODE}"])
def test_a_code_in_an_address_is_logged_nowhere(path: str) -> None:
    served = Starlette(
        routes=[Route("/inscription/{code}", _break)],
        middleware=[Middleware(RequestLog)],
        exception_handlers={Exception: _note},
    )
    with capture_logs() as logged:
        TestClient(served, raise_server_exceptions=False).get(path, follow_redirects=False)
    assert {line["event"] for line in logged} >= {"request"}
    assert CODE not in str(logged)
