"""The mail that brings a ticket carries the QR code and an entry for the calendar; words come from its parameters."""

from datetime import timedelta
from email.message import EmailMessage

from icalendar import Calendar
from identity import CODES, NOW
from shared_identity.mail.domain import Kind, Letter
from shared_identity.mail.wire import Writer

WRITER = Writer(portal_url="https://portal.example/", sender="Le groupement <nous@demo.example>", codes=CODES)
TICKET = {
    "event": "Une soirée",
    "slug": "une-soiree",
    "start": NOW.isoformat(),
    "end": (NOW + timedelta(hours=4)).isoformat(),
    "place": "Les Grandes Tables",
    "sessions": "Se nourrir\nSe loger",
    "qr": "1",
    "uid": "registration_1",
    "sequence": "3",
}


def mail(kind: Kind = Kind.TICKET, *, locale: str = "fr", **parameters: str) -> EmailMessage:
    return WRITER.mail(
        Letter(
            letter_id="letter_1",
            kind=kind,
            recipient="camille@demo.example",
            locale=locale,
            code_id="code_1",
            parameters={**TICKET, **parameters},
            made_at=NOW,
            lapses_at=NOW + timedelta(days=1),
        )
    )


def part(made: EmailMessage, content_type: str) -> EmailMessage:
    found = [each for each in made.walk() if each.get_content_type() == content_type]
    assert len(found) == 1
    assert isinstance(found[0], EmailMessage)
    return found[0]


def calendar_of(made: EmailMessage) -> Calendar:
    read = Calendar.from_ical(part(made, "text/calendar").get_payload(decode=True))
    assert isinstance(read, Calendar)
    return read


def test_the_picture_in_the_page_is_the_one_that_comes_with_it() -> None:
    made = mail()
    picture = part(made, "image/png")
    assert picture.get_payload(decode=True)[:4] == b"\x89PNG"  # type: ignore[index]
    assert f'src="cid:{picture["Content-ID"].strip("<>")}"' in part(made, "text/html").get_content()


def test_the_entry_says_when_where_and_which_version() -> None:
    calendar = calendar_of(mail())
    entry = calendar.events[0]
    assert str(calendar["METHOD"]) == "PUBLISH"
    assert str(entry["UID"]) == "registration_1@demo.example"
    assert entry["SEQUENCE"] == 3
    assert entry.start == NOW
    assert str(entry["LOCATION"]) == "Les Grandes Tables"


def test_a_calendar_that_others_read_does_not_give_the_ticket_away() -> None:
    made = mail()
    assert str(calendar_of(made).events[0]["URL"]) == "https://portal.example/evenements/une-soiree"
    assert CODES.secret_of("code_1") not in calendar_of(made).to_ical().decode().replace("\r\n ", "")


def test_the_entry_keeps_its_name_when_it_is_cancelled() -> None:
    calendar = calendar_of(mail(Kind.REGISTRATION_CANCELLED, calendar="CANCEL", sequence="4"))
    entry = calendar.events[0]
    assert (str(calendar["METHOD"]), str(entry["STATUS"])) == ("CANCEL", "CANCELLED")
    assert str(entry["UID"]) == str(calendar_of(mail()).events[0]["UID"])


def test_hours_are_those_of_paris_in_the_readers_language() -> None:
    assert "lundi 23 novembre 2026, 10:00" in part(mail(), "text/plain").get_content()
    assert "Monday, November 23, 2026" in part(mail(locale="en"), "text/plain").get_content()


def test_a_deadline_is_said_in_the_sentence() -> None:
    made = mail(Kind.OFFER, until=(NOW + timedelta(days=1)).isoformat())
    assert "jusqu’au mardi 24 novembre 2026, 10:00." in part(made, "text/plain").get_content()


def test_what_people_wrote_is_text_in_the_page_and_never_a_pattern() -> None:
    made = mail(Kind.EVENT_MESSAGE, subject="Venez {code}", message="<b>Bonjour</b>\n\n{event.__class__}")
    assert made["Subject"] == "Une soirée : Venez {code}"
    assert "&lt;b&gt;Bonjour&lt;/b&gt;" in part(made, "text/html").get_content()
    assert "{event.__class__}" in part(made, "text/plain").get_content()


def test_a_subject_stays_on_one_line() -> None:
    assert mail(Kind.EVENT_MESSAGE, subject="Une\r\nBcc: autre@demo.example")["Subject"].count("\n") == 0
