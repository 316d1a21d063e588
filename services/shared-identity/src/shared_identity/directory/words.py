"""Texts as words to find: without case or accents, and without what every French sentence holds."""

import re
from unicodedata import combining, normalize

MOST_WORDS = 8
"""How many words of a question count."""

_LONGEST = 40
_WORD = re.compile(rf"([a-z0-9]{{1,{_LONGEST}}})[a-z0-9]*")
_ACCENTS = "\u0300\u0301\u0302\u0308\u0327"
"""Those of French texts: taken away first, for a look at each letter takes longer."""
_RANKED = 12
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l"})
_FRENCH = (
    "a au aux avec c ce ces d dans de des du elle en et eux il ils j je l la le les leur leurs lui m ma mes mon n ne "
    "nos notre nous on ou par pas pour qu que qui s sa se ses si son sur t ta te tes toi ton tu un une vos votre vous y"
)
_DIGITS = "0123456789abcdefghijklmnopqrstuv"
_PLACES = str.maketrans(" 0123456789abcdefghijklmnopqrstuvwxyz", "01122334455" + _DIGITS[6:])
"""The place of a letter, as a digit to the base 32: the space, the digits two by two, the letters."""

_EVERYWHERE = frozenset([*_FRENCH.split(), "the", "of", "and", "for", "to"])


def words(*texts: str) -> list[str]:
    """The words of texts, in their order: `L'Éco-habitat` gives l, eco, habitat."""
    return _WORD.findall(_plain(" ".join(texts)))


def asked(question: str) -> tuple[str, ...]:
    """The words of a question that count, those of every sentence left out unless there are no others."""
    said = list(dict.fromkeys(words(question)))
    telling = [word for word in said if word not in _EVERYWHERE]
    return tuple((telling or said)[:MOST_WORDS])


def rank(name: str) -> int:
    """A number that sorts names by their first twelve letters, in 60 bits."""
    letters = " ".join(words(name))[:_RANKED].ljust(_RANKED)
    return int(letters.translate(_PLACES), len(_DIGITS))


def _plain(text: str) -> str:
    """A text without case, accents or ligatures."""
    letters = normalize("NFKD", text.casefold())
    for accent in _ACCENTS:
        letters = letters.replace(accent, "")
    if letters.isascii():
        return letters
    return "".join(letter for letter in letters if not combining(letter)).translate(_LIGATURES)
