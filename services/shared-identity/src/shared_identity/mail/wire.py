"""Letters as mail: words in the reader's language, plain text and HTML, the link with its code."""

from collections.abc import Mapping
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from importlib import resources
from importlib.resources.abc import Traversable
from io import BytesIO

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from jinja2 import Environment, PackageLoader, select_autoescape

from shared_identity.codes import Codes
from shared_identity.mail.domain import Letter
from shared_identity.mail.texts import WORDS

SOURCE = "fr"


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
        words = {**self._words(letter, locale), "url": self._url(letter), "locale": locale}
        mail = EmailMessage()
        mail["From"] = self._sender
        mail["To"] = _address(letter.recipient)
        mail["Subject"] = words["subject"]
        mail["Date"] = format_datetime(letter.made_at)
        mail["Message-ID"] = f"<{letter.letter_id}@{self._sender.domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["Content-Language"] = locale
        pages = self._pages[locale]
        mail.set_content(pages.get_template("letter.txt").render(words))
        mail.add_alternative(pages.get_template("letter.html").render(words), subtype="html")
        return mail

    def _words(self, letter: Letter, locale: str) -> dict[str, str]:
        words, translate = WORDS[letter.kind], self._catalogs[locale].gettext
        return {name: translate(getattr(words, name)) for name in ("subject", "reason", "action", "note")}

    def _url(self, letter: Letter) -> str:
        page = self._portal_url + WORDS[letter.kind].path
        return f"{page}?code={self._codes.secret_of(letter.code_id)}" if letter.code_id else page


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
    )
    pages.install_gettext_translations(catalog)  # type: ignore[attr-defined]
    return pages


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(display_name=name, addr_spec=address)
