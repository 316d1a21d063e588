"""What every answer says about itself: no script or style but our own, no frame, no third party."""

from collections.abc import Mapping

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send


def security_headers(*, issuer_origin: str, secure: bool) -> dict[str, str]:
    """The headers; forms may lead to the provider, since a sign-in goes through it (CSP level 3, §6.6.1)."""
    policy = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "font-src": "'self'",
        "connect-src": "'self'",
        "form-action": f"'self' {issuer_origin}",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    headers = {
        "content-security-policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "permissions-policy": "camera=(), microphone=(), geolocation=()",
    }
    return headers | ({"strict-transport-security": "max-age=31536000"} if secure else {})


def door_headers(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers of the door's page, made from those of any page: a worker keeps it, the camera reads tickets."""
    return {
        **headers,
        "content-security-policy": f"{headers['content-security-policy']}; worker-src 'self'; manifest-src 'self'",
        "permissions-policy": "camera=(self), microphone=(), geolocation=()",
    }


class SecurityHeaders:
    """Puts the headers on every answer, the ones about our own mistakes included."""

    def __init__(self, app: ASGIApp, headers: dict[str, str]) -> None:
        self._app = app
        self._headers = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    present.setdefault(name, value)
                present.setdefault("cache-control", "no-store")
            await send(message)

        await self._app(scope, receive, sending)
