"""Texts as words to find: without case or accents, and without what every French sentence holds."""

import re

from servicekit.fields import sort_name

MOST_WORDS = 8
"""How many words of a question count."""

_WORD = re.compile(r"[a-z0-9]+")
_LONGEST = 40
_RANKED = 12
_LIGATURES = str.maketrans({"œ": "oe", "æ": "ae", "ß": "ss", "ø": "o", "đ": "d", "ł": "l"})
_FRENCH = (
    "a au aux avec c ce ces d dans de des du elle en et eux il ils j je l la le les leur leurs lui m ma mes mon n ne "
    "nos notre nous on ou par pas pour qu que qui s sa se ses si son sur t ta te tes toi ton tu un une vos votre vous y"
)
_EVERYWHERE = frozenset([*_FRENCH.split(), "the", "of", "and", "for", "to"])


def words(*texts: str) -> list[str]:
    """The words of texts, in their order: `L'Éco-habitat` gives l, eco, habitat."""
    plain = sort_name(" ".join(texts)).translate(_LIGATURES)
    return [word[:_LONGEST] for word in _WORD.findall(plain)]


def asked(question: str) -> tuple[str, ...]:
    """The words of a question that count, those of every sentence left out unless there are no others."""
    said = list(dict.fromkeys(words(question)))
    telling = [word for word in said if word not in _EVERYWHERE]
    return tuple((telling or said)[:MOST_WORDS])


def rank(name: str) -> int:
    """A number that sorts names by their first twelve letters, in 60 bits."""
    letters = " ".join(words(name))[:_RANKED].ljust(_RANKED)
    number = 0
    for letter in letters:
        number = number * 32 + _place(letter)
    return number


def _place(letter: str) -> int:
    """Between 0 and 31: the space, the digits two by two, the letters."""
    if letter == " ":
        return 0
    return 1 + int(letter) // 2 if letter.isdigit() else 6 + ord(letter) - ord("a")
