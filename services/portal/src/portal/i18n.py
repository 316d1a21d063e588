"""The two languages of the portal. French is the source: what is not translated shows in French."""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from gettext import GNUTranslations, NullTranslations
from importlib.resources import files

from babel import Locale
from babel.core import negotiate_locale
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

FRENCH, ENGLISH = "fr", "en"
CODES = (FRENCH, ENGLISH)
NO_BREAK = "\N{NO-BREAK SPACE}"
NARROW_NO_BREAK = "\N{NARROW NO-BREAK SPACE}"

_SPACES = (
    ("« ", f"«{NO_BREAK}"),
    (" »", f"{NO_BREAK}»"),
    (" :", f"{NO_BREAK}:"),
    (" ;", f"{NARROW_NO_BREAK};"),
    (" ?", f"{NARROW_NO_BREAK}?"),
    (" !", f"{NARROW_NO_BREAK}!"),
    (" €", f"{NO_BREAK}€"),
)

_BEFORE_A_VALUE = re.compile(r"\b([Dd]|[Qq]u)e %\((\w+)\)s")
_VOWELS = frozenset("aeiouàâäéèêëîïôöùûüœæ")


def N_(sentence: str) -> str:
    """Mark a sentence for translation where it is written, before anybody's language is known."""
    return sentence


def typeset(sentence: str) -> str:
    """French typography: no line ends before a double punctuation mark, nor inside quotation marks."""
    for plain, fine in _SPACES:
        sentence = sentence.replace(plain, fine)
    return sentence


def elide(sentence: str, values: Mapping[str, object]) -> str:
    """French elision, before the values are in place: "de" and "que" give way to a value that starts by a vowel."""
    return _BEFORE_A_VALUE.sub(
        lambda found: f"{found[1]}'%({found[2]})s" if _starts_by_a_vowel(values.get(found[2])) else found[0], sentence
    )


def _starts_by_a_vowel(value: object) -> bool:
    return str(value)[:1].lower() in _VOWELS


class _French(NullTranslations):
    """The source language, typeset; zero and one are singular."""

    def gettext(self, message: str) -> str:
        return typeset(message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return typeset(msgid1 if abs(n) <= 1 else msgid2)

    def pgettext(self, context: str, message: str) -> str:  # noqa: ARG002 - the context is for translators
        return typeset(message)


@dataclass(frozen=True, kw_only=True)
class Language:
    """A language people read: its words and its ways of writing dates and amounts."""

    code: str
    name: str
    locale: Locale
    words: NullTranslations = field(repr=False)

    def say(self, sentence: str, **values: object) -> str:
        """The sentence in this language, with its values in place."""
        return self.with_values(self.words.gettext(sentence), values) % values

    def with_values(self, sentence: str, values: Mapping[str, object]) -> str:
        """A sentence ready for its values: in French, "de" and "que" give way to a vowel."""
        return elide(sentence, values) if self.code == FRENCH else sentence

    def listed(self, names: Sequence[str]) -> str:
        """The names as a list in words: "a, b et c"."""
        return format_list(list(names), locale=self.locale)

    def count(self, one: str, many: str, number: int) -> str:
        """The sentence for that many things; it writes the number as `%(num)s`."""
        return self.words.ngettext(one, many, number) % {"num": number}


@cache
def language(code: str) -> Language:
    """A language by its code; French for a code that is not ours."""
    if code == ENGLISH:
        return Language(code=ENGLISH, name="English", locale=Locale("en", "GB"), words=_catalog(ENGLISH))
    return Language(code=FRENCH, name="Français", locale=Locale("fr", "FR"), words=_French())


def preferred(*, asked: str, kept: str, accepted: str) -> Language:
    """The language to answer in: the one asked for, else the one kept, else the best that the browser accepts."""
    for code in (asked, kept):
        if code in CODES:
            return language(code)
    wished = [part.partition(";")[0].strip().replace("-", "_") for part in accepted[:200].split(",")]
    found = negotiate_locale([wish for wish in wished if wish], CODES)
    return language((found or FRENCH)[:2])


def _catalog(code: str) -> NullTranslations:
    """The committed catalog, compiled to memory."""
    source = files("portal").joinpath("locale", code, "LC_MESSAGES", "portal.po")
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO(source.read_bytes()), locale=code))
    compiled.seek(0)
    return GNUTranslations(compiled)
