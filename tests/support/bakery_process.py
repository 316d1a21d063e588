"""A bakery as a process of its own, to be killed: `python bakery_process.py <database> <bus url> <seed> <authority>`.

Prints what it did so far whenever that changes, one JSON line a time.
"""

import asyncio
import json
import sys
from pathlib import Path

from bakery import BAKERY, LoafBaked, put_on_shelf
from servicekit.bus.connection import Bus, BusSettings
from servicekit.bus.relay import Relay
from servicekit.bus.subscriber import Subscriber
from servicekit.bus.subscriptions import Subscription
from servicekit.logs import configure
from servicekit.sql import Database


async def main(database: str, url: str, seed: str, authority: str) -> None:
    """Relays and listens until killed."""
    db = Database(database, origin=BAKERY)
    bus = Bus(BusSettings(url=url, user=BAKERY.instance, seed_file=Path(seed), ca=Path(authority)))
    wanted = [Subscription(stream="EVENTS", message_type=LoafBaked, handler=put_on_shelf)]
    relay, subscriber = (
        Relay(db, bus, holder="bakery", every=0.02),
        Subscriber(db, bus, "bakery", wanted, holder="bakery"),
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(relay.run())
        group.create_task(subscriber.run())
        await bus.wait_ready()
        await asyncio.sleep(0.1)
        group.create_task(_report(relay, subscriber))


async def _report(relay: Relay, subscriber: Subscriber) -> None:
    said = ""
    while True:
        tally = {"told": relay.tally.told, "repeated": relay.tally.repeated, **subscriber.tally}
        if (line := json.dumps(tally)) != said:
            said = line
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
        await asyncio.sleep(0.002)


if __name__ == "__main__":
    configure(instance=BAKERY.instance, level="ERROR")
    asyncio.run(main(*sys.argv[1:]))
