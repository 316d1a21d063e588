"""The postman: sends the letters that wait, one postman at a time, never inside a transaction.

A server that answers for ten seconds would otherwise hold the database's one writer for as long. What is sent and not
yet forgotten when the process dies is sent again, under the same Message-ID.
"""

import asyncio
from enum import StrEnum

import aiosmtplib
import structlog
from servicekit.clock import Clock, utc_now
from servicekit.identifiers import new_id
from servicekit.refusals import Unavailable
from servicekit.sql import Database, Lease

from shared_identity.config import Relay
from shared_identity.mail import storage
from shared_identity.mail.domain import Letter, next_try
from shared_identity.mail.wire import Writer

_log = structlog.get_logger(__name__)
_AT_A_TIME = 20
_FOR_GOOD = 500
"""SMTP answers from here on mean never (RFC 5321, §4.2.1): an address nobody has is not written to again."""


class Outcome(StrEnum):
    """What became of a letter: `LOST` when nobody will ever have it."""

    SENT = "sent"
    WAITS = "waits"
    LOST = "lost"


class Postman:
    """Sends letters as they come; those the server will not have now are tried again until they lapse."""

    def __init__(
        self, db: Database, writer: Writer, relay: Relay, *, clock: Clock = utc_now, every: float = 0.5
    ) -> None:
        """`every`: seconds between two looks."""
        self._db = db
        self._writer = writer
        self._relay = relay
        self._clock = clock
        self._every = every
        self._lease = Lease(db, "postman", new_id("postman"), clock=clock)

    async def run(self) -> None:
        """Delivers until cancelled; a database or a mail server that is away is waited for."""
        while True:
            try:
                if await self._lease.acquire():
                    await self.deliver()
            except Unavailable as away:
                _log.warning("mail_put_off", reason=away.reason)
            _stop_if_cancelled()
            await asyncio.sleep(self._every)

    async def deliver(self) -> int:
        """Sends what waits by now, as long as the lease holds; gives how many letters were sent."""
        async with self._db.reading() as work:
            letters = await storage.due(work, self._clock(), _AT_A_TIME)
        sent = 0
        for letter in letters:
            _stop_if_cancelled()
            if not await self._lease.acquire():
                break
            sent += await self._handle(letter)
        return sent

    async def _handle(self, letter: Letter) -> bool:
        outcome = Outcome.LOST if letter.lapsed(self._clock()) else await self._send(letter)
        async with self._db.work() as work:
            if outcome is Outcome.WAITS:
                await storage.postpone(work, letter.letter_id, next_try(letter, self._clock()))
            else:
                await storage.drop(work, letter.letter_id)
        if outcome is not Outcome.SENT:
            _log.warning("mail_not_sent", letter=letter.letter_id, kind=letter.kind, outcome=outcome)
        return outcome is Outcome.SENT

    async def _send(self, letter: Letter) -> Outcome:
        """One that no mail can be made of is lost: it must not hold the others back."""
        try:
            mail = self._writer.mail(letter)
        except Exception as failure:
            _log.error("mail_not_made", letter=letter.letter_id, kind=letter.kind, failure=type(failure).__name__)
            return Outcome.LOST
        try:
            await aiosmtplib.send(
                mail,
                hostname=self._relay.host,
                port=self._relay.port,
                username=self._relay.user or None,
                password=self._relay.password or None,
                use_tls=self._relay.security == "tls",
                start_tls=self._relay.security == "starttls",
                timeout=self._relay.timeout,
            )
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return Outcome.LOST if all(one.code >= _FOR_GOOD for one in refused.recipients) else Outcome.WAITS
        except (aiosmtplib.SMTPException, OSError):
            return Outcome.WAITS
        return Outcome.SENT


def _stop_if_cancelled() -> None:
    """Raises a cancellation that was swallowed: Python 3.11's `wait_for`, which the SMTP client uses, may do that."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
