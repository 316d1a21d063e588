"""A letter that no mail can be made of is lost, and said to be: those behind it leave all the same."""

from datetime import timedelta

from identity import CODES, NOW, letters
from servicekit.sql import Database
from shared_identity.config import Relay
from shared_identity.mail import usecases as mail
from shared_identity.mail.domain import Kind
from shared_identity.mail.postman import Postman
from shared_identity.mail.wire import Writer

NO_SERVER = Relay(host="127.0.0.1", port=1, timeout=1.0)
WRITER = Writer(portal_url="https://portal.example/", sender="Le groupement <nous@demo.example>", codes=CODES)


async def test_a_letter_that_cannot_be_made_is_lost_and_the_next_is_tried(identity_db: Database) -> None:
    async with identity_db.work() as work:
        for address in ("a..b@demo.example", "é@demo.example", "a@(b.example", "camille@demo.example"):
            await mail.write(work, Kind.ALREADY_REGISTERED, to=address, locale="fr", now=NOW, life=timedelta(days=1))
    assert await Postman(identity_db, WRITER, NO_SERVER, clock=lambda: NOW).deliver() == 0
    async with identity_db.reading() as work:
        left = await letters(work)
    assert [(letter.recipient, letter.attempts) for letter in left] == [("camille@demo.example", 1)]
