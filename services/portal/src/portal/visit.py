"""One visit: a request, who makes it, in which language, and the ways to ask the services and to answer."""

import gzip
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from http import HTTPStatus
from typing import TypeVar

from servicekit.clock import Clock
from servicekit.refusals import Refusal, Unauthenticated
from servicekit.rpc.callers import TRACE
from servicekit.rpc.channels import credentials
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from portal import formats, i18n, theme
from portal.assets import Assets, takes_gzip
from portal.backends import Backends, Method
from portal.config import Settings
from portal.csrf import check, origin_of
from portal.forms import Form, belongs_in_form, read_form
from portal.i18n import Language
from portal.provider import AccessToken, Provider
from portal.refusals import form_status, sentence
from portal.rendering import Templates, with_query
from portal.session import Cookies, Session
from portal.showcase import House, Showcase
from portal.tokens import AccessTokens

Question = TypeVar("Question")
Answer = TypeVar("Answer")

LANGUAGE_COOKIE = "lang"
KEYS_COOKIE = "keys"
_PLAIN_COOKIES = frozenset({LANGUAGE_COOKIE, KEYS_COOKIE})
"""What a browser keeps that says nothing of anybody."""

_YEAR_SECONDS = 365 * 24 * 3600


class SignInNeeded(Unauthenticated):
    """This page is for people who have signed in."""


@dataclass(frozen=True, kw_only=True)
class Portal:
    """All that the process keeps from one visit to the next."""

    settings: Settings
    backends: Backends
    showcase: Showcase
    provider: Provider
    tokens: AccessTokens
    cookies: Cookies
    templates: Templates
    assets: Assets
    clock: Clock


class Visit:
    """One request being answered."""

    def __init__(self, request: Request, portal: Portal) -> None:
        self.request = request
        self.portal = portal
        self.backends = portal.backends
        self.showcase = portal.showcase

    @cached_property
    def now(self) -> datetime:
        """The instant of the visit."""
        return self.portal.clock()

    @cached_property
    def language(self) -> Language:
        """The visitor's language."""
        return i18n.preferred(
            asked=self.query("lang"),
            kept=self.request.cookies.get(LANGUAGE_COOKIE, ""),
            accepted=self.request.headers.get("accept-language", ""),
        )

    @cached_property
    def session(self) -> Session | None:
        """Who is signed in, if anybody."""
        return self.portal.cookies.session(self.request, self.now)

    def query(self, name: str) -> str:
        """A value of the address's query, empty when it is not there."""
        return self.request.query_params.get(name, "")[:500]

    def path(self, name: str) -> str:
        """A value of the address's path."""
        return str(self.request.path_params[name])

    def day(self, zone_name: str = formats.PARIS) -> date:
        """The day asked for (`?jour=`), today at the place otherwise."""
        return formats.day_from(self.query("jour")) or self.today(zone_name)

    def today(self, zone_name: str = formats.PARIS) -> date:
        """Today at a place."""
        return formats.local(self.now, zone_name).date()

    def signed_in(self) -> Session:
        """Who is signed in; raises SignInNeeded."""
        if self.session is None:
            raise SignInNeeded
        return self.session

    async def token(self, structure: str) -> AccessToken:
        """The visitor's token that speaks to a structure; raises SignInNeeded, SessionOver, ProviderAway."""
        return await self.portal.tokens.get(self.signed_in().refresh_token, structure)

    async def roles(self, structure: str) -> frozenset[str]:
        """The roles the visitor holds at a structure."""
        return (await self.token(structure)).roles

    async def ask(
        self, method: Method[Question, Answer], question: Question, *, structure: str = "", timeout: float | None = None
    ) -> Answer:
        """Call an RPC, in the visitor's name at a structure when one is given; raises refusals."""
        metadata: tuple[tuple[str, str], ...] = ((TRACE, self.trace),)
        if structure:
            metadata += credentials((await self.token(structure)).text)
        return await method(question, timeout=timeout, metadata=metadata)

    @cached_property
    def trace(self) -> str:
        """The number that follows this visit through every process."""
        return str(self.request.scope.get("state", {}).get("trace", "")) or "visit"

    async def form(self) -> Form:
        """The form sent, once we know it is ours; raises CrossSite."""
        check(self.request, origin_of(self.portal.settings.url))
        return await read_form(self.request)

    async def page(
        self, template: str, *, status: int = HTTPStatus.OK, house: House | None = None, **values: object
    ) -> Response:
        """A page of HTML; `house` is the structure whose theme it wears."""
        houses = await self.showcase.houses()
        shared = {
            "visit": self,
            "house": house,
            "houses": houses,
            "groupement": await self.showcase.groupement(),
            "notice": self.portal.cookies.notice(self.request, self.now),
            "theme_url": f"/theme.css?v={theme.version(houses.values())}",
        }
        html = self.portal.templates.render(template, self.language, shared | values)
        response = self._html(html, status)
        if shared["notice"]:
            self.portal.cookies.forget(response, "notice")
        return self.remembering_language(response)

    def fragment(self, template: str, *, cache: str, **values: object) -> Response:
        """A piece of a page, which htmx puts in its place; `cache` says who may keep it."""
        response = self._html(self.portal.templates.render(template, self.language, values), HTTPStatus.OK)
        response.headers["cache-control"] = cache
        return response

    def _html(self, html: str, status: int) -> Response:
        """The answer; compressed for a browser that holds nothing of ours, since then no secret stands beside what an
        attacker could have put in it (BREACH)."""
        headers = {"vary": "cookie, accept-language, accept-encoding"}
        if set(self.request.cookies) <= _PLAIN_COOKIES and takes_gzip(self.request):
            packed = gzip.compress(html.encode(), compresslevel=6, mtime=0)
            return HTMLResponse(packed, status_code=status, headers=headers | {"content-encoding": "gzip"})
        return HTMLResponse(html, status_code=status, headers=headers)

    def redirect(self, path: str, *, say: str = "") -> Response:
        """To another page by GET (303), with a sentence to show there; htmx is told to go there for good."""
        if self.request.headers.get("hx-request"):
            response = Response(headers={"hx-redirect": path})
        else:
            response = RedirectResponse(path, status_code=HTTPStatus.SEE_OTHER)
        if say:
            self.portal.cookies.keep_notice(response, say, self.now)
        return response

    def remembering_language(self, response: Response) -> Response:
        """The response, keeping the language that the address asked for."""
        if self.query("lang") in i18n.CODES:
            response.set_cookie(
                LANGUAGE_COOKIE,
                self.query("lang"),
                max_age=_YEAR_SECONDS,
                secure=self.portal.settings.secure,
                httponly=True,
                samesite="lax",
            )
        return response

    def here_in(self, code: str) -> str:
        """The address of this page in another language; the home page for a page that answered a form."""
        if self.request.method != "GET":
            return f"/?lang={code}"
        kept: Mapping[str, str] = {n: v for n, v in self.request.query_params.items() if n != "lang"}
        return with_query(self.request.url.path, **kept, lang=code)

    def here(self) -> str:
        """The path and query of this page."""
        query = self.request.url.query
        return f"{self.request.url.path}?{query}" if query else self.request.url.path

    def sentence(self, refusal: Refusal) -> str:
        """What a refusal says to this visitor."""
        return sentence(self.language, refusal)

    async def submit(
        self,
        form: Form,
        act: Callable[[], Awaitable[Response]],
        show: Callable[[Form, int], Awaitable[Response]],
        *,
        fields: Mapping[str, str] | None = None,
    ) -> Response:
        """Do what a form asks, or show it again with what was typed and what is wrong with it."""
        try:
            return await act()
        except Refusal as refusal:
            if not belongs_in_form(refusal):
                raise
            return await show(form.refused(refusal, self.language, fields), form_status(refusal))


Page = Callable[[Visit], Awaitable[Response]]
"""What answers one address by one method."""
