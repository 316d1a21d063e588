"""Who the browser says it is: an encrypted cookie with a person's id and the refresh token of their sign-in."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from portal.seal import Sealer

SESSION_LIFE = timedelta(days=30)
LOGIN_LIFE = timedelta(minutes=30)
NOTICE_LIFE = timedelta(minutes=5)
RETURN_LIFE = timedelta(days=1)

ADDRESS_LIFE = timedelta(minutes=5)

_SESSION, _LOGIN, _NOTICE, _RETURN, _ADDRESS = "session", "login", "notice", "return", "address"


@dataclass(frozen=True, kw_only=True)
class Session:
    """A signed-in person."""

    person_id: str
    refresh_token: str = field(repr=False)
    id_token: str = field(default="", repr=False)
    name: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Login:
    """A sign-in under way at the provider, kept by the browser that began it (RFC 7636, OpenID Connect Core §3.1.2)."""

    state: str
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    return_to: str = "/tableau-de-bord"


class Cookies:
    """Reads and writes the portal's cookies; their names begin with `__Host-` over https.

    Over http they carry the port instead: browsers share cookies between the ports of a host, and two copies of the
    platform may run side by side.
    """

    def __init__(self, sealer: Sealer, *, portal_url: str) -> None:
        parts = urlsplit(portal_url)
        self._sealer = sealer
        self._secure = parts.scheme == "https"
        self._pattern = "__Host-{}" if self._secure else f"{{}}-{parts.port or 80}"

    def name(self, use: str) -> str:
        """The cookie's name in the browser."""
        return self._pattern.format(use)

    def session(self, request: Request, now: datetime) -> Session | None:
        """Who is signed in, if anybody."""
        values = self._read(request, _SESSION, now)
        return Session(**values) if values else None

    def keep_session(self, response: Response, session: Session, now: datetime) -> None:
        """Sign the browser in."""
        self._write(response, _SESSION, {name: str(value) for name, value in vars(session).items()}, now, SESSION_LIFE)

    def login(self, request: Request, now: datetime) -> Login | None:
        """The sign-in this browser began, if it did."""
        values = self._read(request, _LOGIN, now)
        return Login(**values) if values else None

    def keep_login(self, response: Response, login: Login, now: datetime) -> None:
        """Remember a sign-in under way."""
        self._write(response, _LOGIN, {name: str(value) for name, value in vars(login).items()}, now, LOGIN_LIFE)

    def notice(self, request: Request, now: datetime) -> str:
        """The sentence to show once, empty when there is none."""
        return (self._read(request, _NOTICE, now) or {}).get("sentence", "")

    def keep_notice(self, response: Response, sentence: str, now: datetime) -> None:
        """Say something on the next page."""
        self._write(response, _NOTICE, {"sentence": sentence}, now, NOTICE_LIFE)

    def return_to(self, request: Request, now: datetime) -> str:
        """Where a person who is registering was going; empty when nowhere."""
        return (self._read(request, _RETURN, now) or {}).get("path", "")

    def keep_return(self, response: Response, path: str, now: datetime) -> None:
        """Remember where a person was going while they prove their address by mail."""
        self._write(response, _RETURN, {"path": path}, now, RETURN_LIFE)

    def address(self, request: Request, now: datetime) -> str:
        """The address that a ticket just left for; empty when none did."""
        return (self._read(request, _ADDRESS, now) or {}).get("email", "")

    def keep_address(self, response: Response, email: str, now: datetime) -> None:
        """Remember where a ticket went, to say it on the next page: an address never stands in an address."""
        self._write(response, _ADDRESS, {"email": email[:254]}, now, ADDRESS_LIFE)

    def forget(self, response: Response, *uses: str) -> None:
        """Take cookies back: `session`, `login`, `notice`, `return`, `address`."""
        for use in uses:
            response.delete_cookie(self.name(use), secure=self._secure, httponly=True, samesite="lax")

    def _read(self, request: Request, use: str, now: datetime) -> dict[str, str] | None:
        sealed = request.cookies.get(self.name(use))
        return self._sealer.open(use, sealed, now=now) if sealed else None

    def _write(self, response: Response, use: str, values: dict[str, str], now: datetime, life: timedelta) -> None:
        response.set_cookie(
            self.name(use),
            self._sealer.seal(use, values, until=now + life),
            max_age=int(life.total_seconds()),
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )
