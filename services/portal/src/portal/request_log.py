"""One line a request: what was asked and how it went. No query, no id, nobody's address."""

import secrets
from time import perf_counter

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_QUIET = ("/static/", "/theme.css", "/healthz", "/readyz")

log = structlog.get_logger("portal")


class RequestLog:
    """Gives each request a number, which follows it through every process, and notes the page, status and time."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace = scope.setdefault("state", {})["trace"] = secrets.token_hex(8)
        began, status = perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            if not scope["path"].startswith(_QUIET):
                took = round((perf_counter() - began) * 1000, 1)
                log.info("request", method=scope["method"], page=page_of(scope), status=status, ms=took, trace=trace)


def page_of(scope: Scope) -> str:
    """The address without what its path names: `/espaces/-/-`; of one that is no page of ours, where it begins."""
    if "endpoint" not in scope:
        return "/".join(scope["path"].split("/")[:2])
    named = {str(value) for value in scope.get("path_params", {}).values()}
    return "/".join("-" if part in named else part for part in scope["path"].split("/"))
