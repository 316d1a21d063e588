"""A mail server for one machine: it keeps every message in a file and sends none."""

import asyncio
import signal
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session
from servicekit.identifiers import new_id


class Catcher:
    """Keeps each message as `<id>.eml`; ids follow the order of arrival."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        """Keep a message, whole before it can be seen."""
        name = new_id("mail")
        fresh = self._folder / f".{name}"
        fresh.write_bytes(envelope.original_content or b"")
        fresh.rename(self._folder / f"{name}.eml")
        return "250 kept"


async def catch(host: str, port: int, folder: Path) -> None:
    """Listen until told to stop."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o750)  # noqa: ASYNC240
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(lambda: SMTP(Catcher(folder), hostname="mail.localhost"), host, port)
    async with server:
        await stop.wait()


if __name__ == "__main__":
    _host, _, _port = sys.argv[1].rpartition(":")
    asyncio.run(catch(_host, int(_port), Path(sys.argv[2])))
