"""Letters as mail: words in the reader's language, plain text and HTML, the link with its code, what goes with it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from importlib import resources
from importlib.resources.abc import Traversable
from io import BytesIO
from urllib.parse import quote

from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import Environment, PackageLoader, select_autoescape

from shared_identity.codes import Codes
from shared_identity.days import PARIS
from shared_identity.mail.attachments import calendar, qr
from shared_identity.mail.domain import Letter
from shared_identity.mail.event_texts import CHANGES, EVENT_PATH
from shared_identity.mail.texts import WORDS

SOURCE = "fr"
_INSTANTS = ("start", "end", "until", "was_start", "was_end")
_NOTHING = "–"
_QR_NAME = "billet.png"


class _Given(dict[str, str]):
    """Parameters by name; one that was not given says nothing."""

    def __missing__(self, _: str) -> str:
        return ""


def catalogs() -> Mapping[str, NullTranslations]:
    """The languages letters are written in."""
    files = resources.files(__package__).joinpath("locales").iterdir()
    translated = {file.name.removesuffix(".po"): _catalog(file) for file in files if file.name.endswith(".po")}
    return {SOURCE: NullTranslations(), **translated}


class Writer:
    """Turns letters into mail from `sender`, with links to the portal at `portal_url`."""

    def __init__(self, *, portal_url: str, sender: str, codes: Codes) -> None:
        self._portal_url = portal_url.rstrip("/")
        self._sender = _address(sender)
        self._codes = codes
        self._catalogs = catalogs()
        self._pages = {locale: _pages(catalog) for locale, catalog in self._catalogs.items()}

    def mail(self, letter: Letter) -> EmailMessage:
        """The mail a letter makes: the same each time, its Message-ID included."""
        locale = letter.locale if letter.locale in self._pages else SOURCE
        words = self._words(letter, locale)
        mail = EmailMessage()
        mail["From"] = self._sender
        mail["To"] = _address(letter.recipient)
        mail["Subject"] = " ".join(str(words["subject"]).split())
        mail["Date"] = format_datetime(letter.made_at)
        mail["Message-ID"] = f"<{letter.letter_id}@{self._sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = locale
        pages = self._pages[locale]
        mail.set_content(pages.get_template("letter.txt").render(words))
        mail.add_alternative(pages.get_template("letter.html").render(words), subtype="html")
        self._attach(mail, letter)
        return mail

    def _words(self, letter: Letter, locale: str) -> dict[str, object]:
        words, translate = WORDS[letter.kind], self._catalogs[locale].gettext
        said = _Given({name: _said(name, value, locale) for name, value in letter.parameters.items()})
        texts = {
            name: translate(getattr(words, name)).format_map(said) for name in ("subject", "reason", "action", "note")
        }
        return {
            **texts,
            **{name: said[name] for name in ("event", "start", "place")},
            "changes": [(translate(CHANGES[name]), *change) for name, change in _changes(said).items()],
            "sessions": _lines(said["sessions"]),
            "paragraphs": _lines(said["message"]),
            "url": self._url(letter),
            "locale": locale,
            "qr": f"{letter.letter_id}@{self._sender.domain}" if _has_qr(letter) else "",
        }

    def _url(self, letter: Letter) -> str:
        words = WORDS[letter.kind]
        named = _Given({name: quote(value, safe="") for name, value in letter.parameters.items()})
        page = self._portal_url + words.path.format_map(named)
        return f"{page}?{words.query}={self._codes.secret_of(letter.code_id)}" if letter.code_id else page

    def _attach(self, mail: EmailMessage, letter: Letter) -> None:
        """The QR code, and the entry for a calendar: others may read that, so it leads to the event's own page."""
        if _has_qr(letter):
            _add_inside(mail, qr(self._codes.secret_of(letter.code_id)), f"{letter.letter_id}@{self._sender.domain}")
        if "uid" in letter.parameters:
            public = self._portal_url + EVENT_PATH.format(slug=quote(letter.parameters.get("slug", ""), safe=""))
            method, text = calendar(letter.parameters, url=public, domain=self._sender.domain, made_at=letter.made_at)
            mail.add_attachment(
                text, maintype="text", subtype="calendar", filename="invitation.ics", params={"method": method}
            )


def _has_qr(letter: Letter) -> bool:
    return bool(letter.parameters.get("qr")) and bool(letter.code_id)


def _add_inside(mail: EmailMessage, image: bytes, name: str) -> None:
    """Puts a picture beside the page that shows it, under a name of its own (RFC 2392)."""
    page = mail.get_body(("html",))
    if page is None:
        raise TypeError("this mail has no page")
    page.add_related(image, "image", "png", cid=f"<{name}>", filename=_QR_NAME, disposition="inline")


def _said(name: str, value: str, locale: str) -> str:
    """A parameter as people read it."""
    if name not in _INSTANTS or not value:
        return value
    at = datetime.fromisoformat(value).astimezone(PARIS)
    return f"{format_date(at, 'full', locale=locale)}, {format_time(at, 'short', locale=locale)}"


def _changes(said: Mapping[str, str]) -> Mapping[str, tuple[str, str]]:
    """What it was and what it is, by the parameter that changed."""
    told = {
        name: (said[f"was_{name}"] or _NOTHING, said.get(name, "") or _NOTHING)
        for name in CHANGES
        if f"was_{name}" in said
    }
    return {name: (was, now) for name, (was, now) in told.items() if was != now}


def _lines(text: str) -> Sequence[str]:
    return [line for line in text.splitlines() if line.strip()]


def _catalog(file: Traversable) -> NullTranslations:
    with file.open("rb") as lines:
        read = read_po(lines)
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return Translations(compiled)


def _pages(catalog: NullTranslations) -> Environment:
    pages = Environment(
        loader=PackageLoader("shared_identity.mail"),
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(("html",)),
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.install_gettext_translations(catalog)  # type: ignore[attr-defined]
    return pages


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(display_name=name, addr_spec=address)
