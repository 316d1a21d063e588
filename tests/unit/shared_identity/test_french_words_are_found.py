"""French as people type it: with or without accents, in any form, begun, or with a letter wrong."""

import pytest
from entries import entry, indexed, said
from shared_identity.directory.domain import PUBLIC
from shared_identity.directory.index import Found
from shared_identity.directory.queries import Question
from shared_identity.directory.vocabulary import EntryKind
from shared_identity.directory.words import asked, rank, words

ENTRIES = [
    entry(0, said("name", "Élodie Cœur d'Acier"), said("presentation", "J'accompagne les épiceries solidaires.")),
    entry(1, said("name", "La Boîte à vélos"), said("themes", "MOBILITY", "REUSE"), kind=EntryKind.PROJECT),
    entry(2, said("name", "L'Éco-habitat du Panier"), said("presentation", "Isoler, rénover, habiter à Marseille.")),
    entry(3, said("name", "Jardins nourriciers"), said("headline", "Nourrir le quartier"), said("stage", "IDEA")),
    entry(4, said("name", "Atelier Marsouin"), said("skills", "menuiserie", "éco-conception")),
]
INDEX = indexed(ENTRIES)


def find(question: str) -> Found:
    return INDEX.search(Question(words=asked(question)), PUBLIC, limit=10)


@pytest.mark.parametrize(
    ("question", "numbers"),
    [
        ("elodie", [0]),
        ("ÉLODIE", [0]),
        ("coeur", [0]),
        ("cœur d'acier", [0]),
        ("épicerie solidaire", [0]),
        ("accompagner", [0]),
        ("vélo", [1]),
        ("réemploi", [1]),
        ("eco habitat", [2]),
        ("l'habitat", [2]),
        ("rénovation", [2]),
        ("nourrir", [3]),
        ("idée", [3]),
        ("menuis", [4]),
        ("élod", [0]),
        ("les vélos de la boîte", [1]),
        ("", [0, 1, 2, 3, 4]),
    ],
)
def test_words_are_found_as_they_are_typed(question: str, numbers: list[int]) -> None:
    found = find(question)
    assert sorted(found.numbers) == numbers
    assert not found.approximate


@pytest.mark.parametrize(
    ("question", "number"),
    [("élodei", 0), ("elogie", 0), ("habbitat", 2), ("nourir", 3), ("menusierie", 4), ("marsuin", 4)],
)
def test_one_letter_may_be_wrong(question: str, number: int) -> None:
    found = find(question)
    assert list(found.numbers) == [number]
    assert found.approximate


@pytest.mark.parametrize("question", ["xélodiex", "vlé", "élodie vélo", "zzzz"])
def test_what_is_not_said_is_not_found(question: str) -> None:
    assert find(question).total == 0


def test_a_word_that_is_found_as_it_is_brings_nothing_that_looks_like_it() -> None:
    index = indexed([entry(0, said("name", "Marie")), entry(1, said("name", "Mairie"))])
    found = index.search(Question(words=asked("marie")), PUBLIC, limit=10)
    assert (list(found.numbers), found.approximate) == ([0], False)


def test_names_come_before_texts_and_whole_words_before_beginnings() -> None:
    index = indexed(
        [
            entry(0, said("presentation", "le compost de Paul")),
            entry(1, said("name", "Composterie")),
            entry(2, said("name", "Compost commun")),
        ]
    )
    assert list(index.search(Question(words=asked("compost")), PUBLIC, limit=10).numbers) == [2, 1, 0]


def test_without_words_names_are_in_alphabetical_order() -> None:
    assert [ENTRIES[number].fields[0].values[0] for number in find("").numbers] == [
        "Atelier Marsouin",
        "Élodie Cœur d'Acier",
        "Jardins nourriciers",
        "L'Éco-habitat du Panier",
        "La Boîte à vélos",
    ]
    assert rank("Zoé") < 2**60
    assert rank("") < rank("9 rue") < rank("abricot") < rank("abricotier") < rank("Émile") < rank("zèbre")


def test_a_question_keeps_the_words_that_tell_something() -> None:
    assert asked("l'atelier de la Belle-de-Mai") == ("atelier", "belle", "mai")
    assert asked("à la") == ("a", "la")
    assert len(asked(" ".join(f"mot{n}" for n in range(50)))) == 8
    assert words("Œuvre, ŒUF & straße") == ["oeuvre", "oeuf", "strasse"]


def test_words_are_plain_whichever_accents_they_have() -> None:
    """Those of French, those of other languages, beside one another, and accents that stand by themselves."""
    assert words("Élève naïf, reçu où") == ["eleve", "naif", "recu", "ou"]
    assert words("Łódź, Søren, ṩ; œuvre à Győr") == ["lodz", "soren", "s", "oeuvre", "a", "gyor"]
    assert words("e\u0301le\u0300ve", "x" * 50) == ["eleve", "x" * 40]
    assert words("éa–b ô 漢 c") == ["ea", "b", "o", "c"]


def test_names_are_ranked_by_twelve_letters() -> None:
    names = ["", "1er", "9 lieux", "Abbaye", "Abbé", "Atelier de bois", "Élan", "Zoé"]
    assert sorted(names, key=rank) == names
    assert rank("Atelier de bois") == rank("atelier de boulanger") < rank("Atelier du pain")
