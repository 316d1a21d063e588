"""Names, languages and passwords are checked where they come in."""

from dataclasses import replace

import pytest
from identity import CAMILLE
from servicekit.refusals import Refusal
from shared_identity.people.domain import (
    Change,
    NameMalformed,
    NameMissing,
    Names,
    PasswordTooLong,
    UnknownLocale,
    WeakPassword,
    check_password,
    locale,
    name,
)

COMMON = {"motdepasse123"}


def test_a_name_is_trimmed_and_composed() -> None:
    assert name("  Maé ", "given_name") == "Maé"


@pytest.mark.parametrize(
    ("typed", "refusal"), [("", NameMissing), ("  ", NameMissing), ("n" * 101, NameMalformed), ("a\nb", NameMalformed)]
)
def test_a_name_must_be_one_line_of_at_most_a_hundred_characters(typed: str, refusal: type[Refusal]) -> None:
    with pytest.raises(refusal) as refused:
        name(typed, "family_name")
    assert refused.value.field == "family_name"


def test_french_is_the_language_when_none_is_said() -> None:
    assert (locale(""), locale("en")) == ("fr", "en")


def test_a_language_we_do_not_write_in_is_refused() -> None:
    with pytest.raises(UnknownLocale):
        locale("de")


@pytest.mark.parametrize("password", ["", "onze lettre", "motdepasse123", "MotDePasse123", "ababababababab"])
def test_a_password_that_would_be_guessed_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword) as refused:
        check_password(password, COMMON)
    assert (refused.value.reason, refused.value.field) == ("WEAK_PASSWORD", "password")


def test_a_password_of_twelve_characters_will_do() -> None:
    check_password("douze lettre", COMMON)


def test_a_password_longer_than_anybody_types_is_refused() -> None:
    with pytest.raises(PasswordTooLong):
        check_password("une phrase " * 50, COMMON)


def test_a_password_signs_nobody_in_before_the_address_is_proved() -> None:
    unproved = replace(CAMILLE, email_verified=False, password_hash="hash")
    assert unproved.usable_password_hash == ""
    assert unproved.proved().usable_password_hash == "hash"


def test_a_registration_sets_only_what_its_own_letter_asked_for() -> None:
    first = replace(CAMILLE, email_verified=False, password_hash="a stranger's")
    proved = first.registered_as(Names(given_name="Camille", family_name="F."), "mine")
    assert (proved.family_name, proved.password_hash, proved.email_verified) == ("F.", "mine", True)


def test_a_new_password_ends_the_sessions_of_the_former_one() -> None:
    assert CAMILLE.with_password("new").epoch == CAMILLE.epoch + 1


def test_a_change_leaves_alone_what_it_does_not_name() -> None:
    changed = Change(locale="en").applied_to(CAMILLE)
    assert changed == replace(CAMILLE, locale="en", version=CAMILLE.version + 1)
