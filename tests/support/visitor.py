"""A visitor of the portal without a browser: follows links and redirections, fills forms in as they are shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

import httpx2

_FIELDS = ("input", "select", "textarea", "button")


@dataclass
class ShownForm:
    """A form of a page: where it goes and what it holds."""

    method: str
    action: str
    values: dict[str, str] = field(default_factory=dict)


class _Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[ShownForm] = []
        self._open = False
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.forms.append(ShownForm(method=given.get("method", "get"), action=given.get("action", "")))
            self._open = True
        elif self._open and tag in _FIELDS and given.get("name"):
            self._hold(tag, given)
        elif self._open and tag == "option" and self._select:
            values = self.forms[-1].values
            if "selected" in given or self._select not in values:
                values[self._select] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = False
        if tag == "select":
            self._select = ""

    def _hold(self, tag: str, given: Mapping[str, str]) -> None:
        if tag == "select":
            self._select = given["name"]
        elif given.get("type") not in ("radio", "checkbox") or "checked" in given:
            self.forms[-1].values[given["name"]] = given.get("value", "")


@dataclass
class Page:
    """A page as it was answered."""

    status: int
    url: str
    text: str
    headers: Mapping[str, str]

    @property
    def path(self) -> str:
        """The path of its address."""
        return urlsplit(self.url).path

    def form(self, action: str) -> ShownForm:
        """The first form whose address holds `action`."""
        reader = _Forms()
        reader.feed(self.text)
        found = [form for form in reader.forms if action in form.action]
        assert found, f"no form to {action} at {self.url}"
        return found[0]


class Visitor:
    """Keeps cookies as a browser does; says where its forms come from as a browser does."""

    def __init__(self, portal: str, *, language: str = "fr") -> None:
        self.portal = portal
        self._client = httpx2.AsyncClient(
            base_url=portal, follow_redirects=True, timeout=60, trust_env=False, headers={"accept-language": language}
        )

    async def __aenter__(self) -> "Visitor":
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    @property
    def cookies(self) -> httpx2.Cookies:
        """The cookies kept."""
        return self._client.cookies

    async def open(self, address: str, **headers: str) -> Page:
        """Follow a link."""
        return _page(await self._client.get(address, headers=headers))

    async def send(self, form: ShownForm, **values: str) -> Page:
        """Send a form with some of its fields filled in."""
        return await self.post(form.action, form.values | values)

    async def post(self, address: str, values: Mapping[str, str], *, origin: str = "") -> Page:
        """Send values to an address, from one of the portal's pages unless another origin is said."""
        headers = {"origin": origin or self.portal, "sec-fetch-site": "cross-site" if origin else "same-origin"}
        return _page(await self._client.post(address, data=dict(values), headers=headers))

    async def sign_in(self, email: str, password: str) -> Page:
        """Sign in with a password, by the provider."""
        shown = await self.open("/connexion")
        return await self.send(shown.form("/connexion"), email=email, password=password)


def _page(answer: httpx2.Response) -> Page:
    return Page(status=answer.status_code, url=str(answer.url), text=answer.text, headers=answer.headers)
