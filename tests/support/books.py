"""Comparing the books of a house once it is quiet: what one committed, another must hold, once and in order."""

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from groupement_cli import plan
from groupement_cli.bus import owner
from groupement_cli.facts import Tail, listening
from journey import Journey
from servicekit.bus.accounts import EVENTS
from servicekit.bus.envelope import Received
from servicekit.origin import Origin
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

_KNOWN = re.compile(r'"event": "facts_known".*?"facts": (\d+)|"facts": (\d+).*?"event": "facts_known"')
_REPEATED = re.compile(r'"event": "facts_repeated".*?"facts": (\d+)|"facts": (\d+).*?"event": "facts_repeated"')

DECLARED = """
    SELECT h.membership_id, h.person_id, p.state = 'EXITED' AS ended
    FROM holder h JOIN project p ON p.project_id = h.project_id"""
HELD = """
    SELECT membership_id, person_id, ending_date IS NOT NULL AS ended FROM membership WHERE structure = 'inter-made'"""
ROLES = "SELECT person_id, role, version, revoked_at IS NULL AS held FROM staff"
ROLES_HELD = """
    SELECT person_id, role, version, granted AS held FROM staff_role
    WHERE structure = 'inter-made' AND service = 'incubator'"""
RIGHTS = "SELECT entitlement_id, version, opened AS held FROM entitlement WHERE grantor = 'la-ruche'"
RIGHTS_HELD = "SELECT entitlement_id, version, NOT closed AS held FROM entitlement"
BOOKINGS = "SELECT booking_id, state FROM booking"
WAITING = "SELECT count(*) FROM outbox"


async def rows(journey: Journey, instance: str, query: str) -> list[tuple[object, ...]]:
    """What a query finds in an instance's database, in no order."""
    engine = create_async_engine(plan.database_url(journey.home, Origin.parse(instance)))
    try:
        async with engine.connect() as connection:
            found = await connection.execute(text(query))
            return sorted(tuple(_plain(value) for value in row) for row in found)
    finally:
        await engine.dispose()


def _plain(value: object) -> object:
    """SQLite says 1 where PostgreSQL says true."""
    return int(value) if isinstance(value, bool) else value


async def told(journey: Journey, account: str) -> list[Received]:
    """All that an account's EVENTS holds, in its order."""
    everything = Tail(structure=account, subject=">", since=datetime(2020, 1, 1, tzinfo=UTC), limit=None, follow=False)
    async with owner(journey.home, account, journey.bus_url) as bus, listening(bus, everything) as facts:
        return [fact async for fact in facts if fact.stream == EVENTS]


def disorder(facts: Sequence[Received]) -> list[str]:
    """Facts that came twice, or after a later one of their aggregate; gaps, where every version is told."""
    last: dict[tuple[str, str, str], int] = {}
    seen: set[str] = set()
    wrong = []
    for fact in facts:
        key = (fact.structure, fact.kind, fact.aggregate_id)
        before = last.get(key, 0)
        expected = {before + 1} if _tells_every_version(fact) else {before, *range(before + 1, fact.version + 1)}
        if fact.version not in expected or fact.id in seen:
            wrong.append(f"{fact.subject} {fact.aggregate_id}: {before} then {fact.version}")
        last[key] = max(before, fact.version)
        seen.add(fact.id)
    return wrong


def _tells_every_version(fact: Received) -> bool:
    """Not so an agreement: its versions count changes, of which only signature and end are told, to two parties."""
    return fact.subject.split(".")[-2] in {"membership", "staff_role", "booking", "entitlement"}


def seen_again(journey: Journey) -> Counter[str]:
    """How many facts came again to a subscriber, and how many the bus already had, by the services' own logs."""
    counted: Counter[str] = Counter()
    for log in journey.home.root.glob("*@*/log.jsonl"):
        said = log.read_text()
        counted["redelivered"] += sum(int(one or other) for one, other in _KNOWN.findall(said))
        counted["duplicates acknowledged"] += sum(int(one or other) for one, other in _REPEATED.findall(said))
    return counted
