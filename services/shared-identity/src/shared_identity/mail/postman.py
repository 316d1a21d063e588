"""The postman: sends the letters that wait, one postman at a time, never inside a transaction.

A server that answers for ten seconds would otherwise hold the database's one writer for as long. What is sent and not
yet forgotten when the process dies is sent again, under the same Message-ID.
"""

import asyncio

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
            await asyncio.sleep(self._every)

    async def deliver(self) -> int:
        """Sends what waits by now; gives how many letters were sent."""
        async with self._db.reading() as work:
            letters = await storage.due(work, self._clock(), _AT_A_TIME)
        return sum([await self._handle(letter) for letter in letters])

    async def _handle(self, letter: Letter) -> bool:
        sent = not letter.lapsed(self._clock()) and await self._sent(letter)
        async with self._db.work() as work:
            if sent or letter.lapsed(self._clock()):
                await storage.drop(work, letter.letter_id)
            else:
                await storage.postpone(work, letter.letter_id, next_try(letter, self._clock()))
        return sent

    async def _sent(self, letter: Letter) -> bool:
        try:
            await aiosmtplib.send(
                self._writer.mail(letter),
                hostname=self._relay.host,
                port=self._relay.port,
                username=self._relay.user or None,
                password=self._relay.password or None,
                use_tls=self._relay.security == "tls",
                start_tls=self._relay.security == "starttls",
                timeout=self._relay.timeout,
            )
        except (aiosmtplib.SMTPException, OSError) as failure:
            _log.warning("mail_not_sent", letter=letter.letter_id, kind=letter.kind, why=type(failure).__name__)
            return False
        return True
