"""Every letter exists in French and in English, as text and as HTML, with its link."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from identity import CODES, NOW
from shared_identity.mail.domain import Kind, Letter, next_try
from shared_identity.mail.texts import WORDS
from shared_identity.mail.wire import Writer, catalogs

WRITER = Writer(portal_url="https://portal.example/", sender="Le groupement <nous@demo.example>", codes=CODES)


def letter(kind: Kind, locale: str = "fr", **changes: object) -> Letter:
    values: dict[str, object] = {
        "letter_id": "letter_1",
        "kind": kind,
        "recipient": "camille@demo.example",
        "locale": locale,
        "code_id": "code_1",
        "made_at": NOW,
        "lapses_at": NOW + timedelta(days=1),
    }
    return Letter(**{**values, **changes})  # type: ignore[arg-type]


def part(mail: EmailMessage, kind: str) -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content())


@pytest.mark.parametrize("kind", list(Kind))
def test_no_sentence_is_left_in_french_for_who_reads_english(kind: Kind) -> None:
    translate = catalogs()["en"].gettext
    words = WORDS[kind]
    for sentence in (words.subject, words.reason, words.action, words.note):
        assert translate(sentence) != sentence


@pytest.mark.parametrize("locale", ["fr", "en"])
@pytest.mark.parametrize("kind", list(Kind))
def test_the_link_stands_in_the_text_and_in_the_page(kind: Kind, locale: str) -> None:
    mail = WRITER.mail(letter(kind, locale, parameters={"slug": "plus20"}))
    page = f"https://portal.example{WORDS[kind].path.format(slug='plus20')}"
    link = f"{page}?{WORDS[kind].query}={CODES.secret_of('code_1')}"
    assert link in part(mail, "plain")
    assert f'href="{link}"' in part(mail, "html")
    assert f'lang="{locale}"' in part(mail, "html")


def test_a_letter_without_code_links_to_a_page_and_nothing_more() -> None:
    assert "code=" not in part(WRITER.mail(letter(Kind.REGISTER, code_id="")), "plain")


def test_the_greeting_is_translated_too() -> None:
    assert part(WRITER.mail(letter(Kind.VERIFY_EMAIL, "en")), "plain").startswith("Hello,")


def test_an_unheard_of_language_is_written_to_in_french() -> None:
    assert part(WRITER.mail(letter(Kind.VERIFY_EMAIL, "de")), "plain").startswith("Bonjour,")


def test_sent_twice_it_is_recognised_as_the_same() -> None:
    once, again = (WRITER.mail(letter(Kind.VERIFY_EMAIL)) for _ in range(2))
    assert once["Message-ID"] == again["Message-ID"] == "<letter_1@demo.example>"


def test_machines_are_told_not_to_answer() -> None:
    assert WRITER.mail(letter(Kind.VERIFY_EMAIL))["Auto-Submitted"] == "auto-generated"


def test_a_letter_that_cannot_be_sent_is_tried_less_and_less_often() -> None:
    waits = [next_try(letter(Kind.REGISTER, attempts=n), NOW) - NOW for n in (0, 1, 2, 50)]
    assert waits == [timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=8), timedelta(minutes=10)]
