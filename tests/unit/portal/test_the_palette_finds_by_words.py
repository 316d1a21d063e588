"""The palette finds what holds every word typed, whatever its accents and capitals, nearest first."""

import pytest
from portal.pages.palette import Found, folded, matching

ALL = [
    Found(group="Pages", text="Tableau de bord", path="/tableau-de-bord"),
    Found(group="Lieux", text="L'Étage clair", path="/espaces/a", note="Une structure"),
    Found(group="Dispositifs", text="Amorçage", path="/candidater/a", note="Une structure"),
    Found(group="Lieux", text="Grand tableau", path="/espaces/b"),
]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("tableau", ["/tableau-de-bord", "/espaces/b"]),
        ("amorcage", ["/candidater/a"]),
        ("ETAGE", ["/espaces/a"]),
        ("structure lieux", ["/espaces/a"]),
        ("bord tableau", ["/tableau-de-bord"]),
        ("introuvable", []),
    ],
)
def test_every_word_counts(typed: str, found: list[str]) -> None:
    assert [one.path for one in matching(typed, ALL)] == found


def test_nothing_typed_finds_everything_in_order() -> None:
    assert matching("", ALL) == ALL


def test_accents_and_capitals_are_put_aside() -> None:
    assert folded("Écoute ÇA") == "ecoute ca"
