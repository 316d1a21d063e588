"""Every reason that the contract names has its sentence, in both languages, and every kind its status."""

import re
from pathlib import Path

import pytest
from portal.i18n import ENGLISH, FRENCH, language
from portal.refusals import form_status, sentence, status_of
from portal.sentences import SENTENCES
from servicekit.refusals import KINDS, Conflict, Invalid, Refusal, Unauthenticated

PROTOS = Path(__file__).parents[3] / "protos" / "groupement"
_COMMENT = re.compile(r"^\s*//(.*)$", re.MULTILINE)
_WORD = re.compile(r"\b[A-Z]+(?:_[A-Z]+)+\b")
_NOT_REASONS = re.compile(r"^(ROLE|WHO|AUDIENCE|PERSONAL|FOO)_|_UNSPECIFIED$")
_STATUSES = {
    "INVALID_ARGUMENT",
    "NOT_FOUND",
    "FAILED_PRECONDITION",
    "PERMISSION_DENIED",
    "RESOURCE_EXHAUSTED",
    "NOMAD_SEAT",
    "COMMUNITY_MANAGER",
    "EVENT_MANAGER",
    "OWN_REGISTRANTS",
    "NO_SHOW",
}


def reasons_in_the_contract() -> set[str]:
    """Words in capitals of the comments on methods, less statuses, roles and kinds of space."""
    found: set[str] = set()
    for path in PROTOS.rglob("*_service.proto"):
        text = " ".join(_COMMENT.findall(path.read_text()))
        found |= {word for word in _WORD.findall(text) if word not in _STATUSES and not _NOT_REASONS.search(word)}
    return found


def test_the_contract_names_reasons_and_they_are_found() -> None:
    assert {"WEAK_PASSWORD", "COHORT_FULL", "OFF_THE_GRID", "CARD_REVOKED", "LAST_ADMIN"} <= reasons_in_the_contract()


@pytest.mark.parametrize("reason", sorted(reasons_in_the_contract()))
def test_every_reason_of_the_contract_has_its_sentence(reason: str) -> None:
    assert reason in SENTENCES


@pytest.mark.parametrize("reason", sorted(SENTENCES))
def test_every_sentence_is_said_in_english_too(reason: str) -> None:
    refused = type(reason, (Invalid,), {"reason": reason})()
    assert sentence(language(ENGLISH), refused) != sentence(language(FRENCH), refused)
    assert sentence(language(FRENCH), refused).endswith((".", "…"))


@pytest.mark.parametrize("kind", KINDS)
def test_a_reason_nobody_foresaw_is_still_said_in_words(kind: type[Refusal]) -> None:
    unforeseen = type("NeverHeardOf", (kind,), {})()
    said = sentence(language(FRENCH), unforeseen)
    assert "NEVER" not in said
    assert len(said) > 20


@pytest.mark.parametrize(
    ("kind", "status"),
    list(zip(KINDS, [409, 422, 404, 409, 403, 401, 429, 503], strict=True)),
)
def test_every_kind_has_its_status(kind: type[Refusal], status: int) -> None:
    assert status_of(type("Some", (kind,), {})()) == status


def test_a_proof_typed_wrong_is_a_form_to_put_right() -> None:
    assert form_status(type("WrongCredentials", (Unauthenticated,), {})()) == 422
    assert form_status(type("Taken", (Conflict,), {})()) == 409
