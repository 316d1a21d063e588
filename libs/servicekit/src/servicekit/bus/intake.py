"""Taking facts in: what is new has its effect, what was seen or is outdated has none, all in one transaction."""

from collections import Counter
from collections.abc import Sequence

import structlog

from servicekit.bus.envelope import Received
from servicekit.bus.subscriptions import Subscriptions
from servicekit.clock import Clock
from servicekit.metrics import FACTS_HANDLED
from servicekit.sql import Database
from servicekit.sql.inbox import Arrival, Verdict, admit

_log = structlog.get_logger(__name__)


class Intake:
    """The door of one subscriber; `tally` counts what came through it, by verdict."""

    def __init__(self, db: Database, name: str, subscriptions: Subscriptions, clock: Clock) -> None:
        self.tally: Counter[str] = Counter()
        self._db = db
        self._name = name
        self._subscriptions = subscriptions
        self._clock = clock

    async def take(self, facts: Sequence[Received]) -> None:
        """Takes facts in, in their order, all or none; raises what a handler raised, or Unavailable."""
        arrivals = [_arrival(fact) for fact in facts]
        async with self._db.work() as work:
            verdicts = await admit(work, self._name, arrivals, at=self._clock())
            for fact, verdict in zip(facts, verdicts, strict=True):
                if verdict is Verdict.FRESH:
                    await self._subscriptions.handle(work, fact)
        self._count(Counter(verdict.value for verdict in verdicts))

    def _count(self, verdicts: Counter[str]) -> None:
        self.tally.update(verdicts)
        if known := sum(facts for verdict, facts in verdicts.items() if verdict != Verdict.FRESH.value):
            _log.info("facts_known", subscriber=self._name, facts=known)
        for verdict, facts in verdicts.items():
            FACTS_HANDLED.labels(self._name, verdict).inc(facts)


def _arrival(fact: Received) -> Arrival:
    """A fact under its sender's name: what one instance says of its own never hides what another says of its."""
    sender = f"{fact.structure}/{fact.kind}"
    return Arrival(fact_id=f"{sender}/{fact.id}", aggregate_id=f"{sender}/{fact.aggregate_id}", version=fact.version)
