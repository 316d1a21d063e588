"""A directory of any size, invented: people, projects, organisations and places, with words as unequal as French ones.

The same number gives the same entry, so that two processes know the same directory without telling each other.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import accumulate

from shared_identity.directory.domain import Entry, Field, Holder
from shared_identity.directory.vocabulary import STAGE_WORDS, THEME_WORDS, Audience, EntryKind

STRUCTURES = ("inter-made", "la-ruche", *(f"structure-{letter}" for letter in "abcdefgh"))
_SEED = 20211130
_SYLLABLES = "ma ri lo ta ve che pon dre sou lia bou tier gue nou tion ment eau qui ber fan no il ger lon"
_FIRST = (
    "Alix Camille Sam Jo Maé Noor Lou Nadia Élodie Théo Inès Hugo Zoé Malik Jeanne Karim Léa Yanis Rose Basile Anaïs "
    "Omar Clémence Ismaël Margaux Élie Soraya Côme Aïcha Gaspard Hélène Idriss Joséphine Kenza Ludivine Mehdi Océane"
)
_TRADES = (
    "couturière charpentier maraîchère cartographe cuisinier réparatrice développeur menuisière conteuse graphiste "
    "boulanger apicultrice formatrice architecte comptable médiatrice potière brasseur libraire jardinière"
)
_COMMON = (
    "nous projet quartier atelier local partage habitants coopérative association marché réemploi énergie vélo maison "
    "jardin cuisine école accueil territoire solidaire circuit court matière bois tissu pain légumes numérique libre "
    "culture musique lien femmes jeunes emploi formation santé soin mobilité transition écologie logement rénovation"
)


def _vocabulary() -> tuple[Sequence[str], Sequence[float]]:
    """Words by how often they are said: common French ones first, then a long tail that nobody has heard of."""
    made, syllables = random.Random(_SEED), _SYLLABLES.split()
    tail = sorted({"".join(made.choices(syllables, k=made.randint(2, 4))) for _ in range(40_000)})
    made.shuffle(tail)
    words = [*_COMMON.split(), *tail]
    return words, list(accumulate(1 / (place + 8) for place in range(len(words))))


_WORDS, _WEIGHTS = _vocabulary()
_FIRST_NAMES, _CALLINGS = _FIRST.split(), _TRADES.split()
_SURNAMES = [word.capitalize() for word in _WORDS[200:6200]]


def entries(count: int) -> Iterator[Entry]:
    """So many entries."""
    return (_entry(number) for number in range(count))


def queries(count: int) -> Sequence[str]:
    """Questions as people ask them: a name, a trade, two words, a beginning, and one in ten misspelt."""
    dice = random.Random(_SEED + 1)
    return [_query(dice) for _ in range(count)]


def _entry(number: int) -> Entry:
    dice = random.Random(_SEED + number * 7919)
    kind = dice.choices(list(EntryKind), [60, 30, 5, 5])[0]
    belongs = frozenset(dice.sample(STRUCTURES, dice.choice([1, 1, 1, 2])))
    holder = Holder(person_id=f"person_{number:032x}") if kind.of_a_person else Holder(structure=min(belongs))
    fields = tuple(_fields(dice, kind, belongs))
    if not kind.of_a_person:
        belongs = frozenset({holder.structure})
    return Entry(entry_id=f"entry_{number:032x}", kind=kind, holder=holder, fields=fields, belongs=belongs)


def _fields(dice: random.Random, kind: EntryKind, belongs: frozenset[str]) -> Iterator[Field]:
    listed = dice.choices([Audience.PUBLIC, Audience.GROUPEMENT], [3, 2])[0]
    yield _said("name", listed, _name(dice, kind))
    yield _said("headline", listed, f"{dice.choice(_CALLINGS)} {_text(dice, 4)}")
    yield _said("presentation", Audience.GROUPEMENT, _text(dice, 25))
    yield _said("themes", listed, *dice.sample(list(THEME_WORDS), 2))
    if kind is EntryKind.PROJECT:
        yield _said("stage", listed, dice.choice(list(STAGE_WORDS)))
    if kind.of_a_person:
        audience = dice.choices([Audience.GROUPEMENT, Audience.STRUCTURES], [4, 1])[0]
        yield _said("needs", audience, _text(dice, 2), _text(dice, 3))
        yield _said("structures", Audience.GROUPEMENT, *sorted(belongs))
    yield _said("email", Audience.ME, "quelquun@demo.example")


def _name(dice: random.Random, kind: EntryKind) -> str:
    if kind is EntryKind.PERSON:
        return f"{dice.choice(_FIRST_NAMES)} {dice.choice(_SURNAMES)}"
    return f"{dice.choice(['Les', 'La', 'Atelier', 'Maison'])} {dice.choice(_SURNAMES)} {_word(dice)}"


def _query(dice: random.Random) -> str:
    asks = [
        lambda: dice.choice(_SURNAMES),
        lambda: f"{dice.choice(_FIRST_NAMES)} {dice.choice(_SURNAMES)[:4]}",
        lambda: f"{dice.choice(_CALLINGS)} {_word(dice)}",
        lambda: _word(dice),
        lambda: dice.choice(_SURNAMES)[:5],
    ]
    asked = dice.choice(asks)()
    if dice.random() < 0.1 and len(asked) > 5:
        place = dice.randrange(1, len(asked) - 1)
        return asked[:place] + asked[place + 1 :]
    return asked


def _text(dice: random.Random, count: int) -> str:
    return " ".join(dice.choices(_WORDS, cum_weights=_WEIGHTS, k=count))


def _word(dice: random.Random) -> str:
    return dice.choices(_WORDS, cum_weights=_WEIGHTS)[0]


def _said(name: str, audience: Audience, *values: str) -> Field:
    return Field(name=name, values=values, audience=audience)
