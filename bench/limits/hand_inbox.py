"""The limit of a catch-up: the rows a subscriber writes, written by hand with the same driver and settings."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from nats.aio.msg import Msg
from servicekit.sql.plans import Filled

from bench.limits.hand_sql import Player, Script

_INBOX = "INSERT INTO inbox (subscriber, fact_id, received_at) VALUES ({}, {}, {}) ON CONFLICT DO NOTHING"
_VERSION = (
    "INSERT INTO inbox_version (subscriber, aggregate_id, version) VALUES ({}, {}, {}) "
    "ON CONFLICT (subscriber, aggregate_id) DO UPDATE SET version = excluded.version "
    "WHERE inbox_version.version <= excluded.version"
)
_SHELF = "INSERT INTO shelf (fact_id, loaf_id, version, grams) VALUES ({}, {}, {}, {})"


class HandInbox:
    """Writes facts down: what was received, the version held, the effect.

    `together`: all effects of a transaction in one go; otherwise one statement each, as a handler is given one fact.
    """

    def __init__(self, player: Player, dialect: str, *, together: bool) -> None:
        self._player = player
        self._dialect = dialect
        self._together = together

    async def take(self, messages: Sequence[Msg]) -> None:
        """One transaction."""
        await self._player.play(self._script(messages))

    def _script(self, messages: Sequence[Msg]) -> Script:
        at = datetime.now(UTC)
        received = str(at.replace(tzinfo=None)) if self._dialect == "sqlite" else at
        facts = [(message.headers or {}, json.loads(message.data)) for message in messages]
        effects = [
            (headers["ce-id"], body["loafId"], int(headers["ce-sequence"]), int(body["grams"]))
            for headers, body in facts
        ]
        inbox = [("raw", headers["ce-id"], received) for headers, _ in facts]
        versions = sorted(("raw", loaf_id, version) for _, loaf_id, version, _ in effects)
        return [
            Filled(self._text(_INBOX), inbox, True),
            Filled(self._text(_VERSION), versions, True),
            *self._effects(effects),
        ]

    def _effects(self, effects: Sequence[tuple[Any, ...]]) -> Script:
        text = self._text(_SHELF)
        if self._together:
            return [Filled(text, effects, True)]
        return [Filled(text, effect, False) for effect in effects]

    def _text(self, statement: str) -> str:
        """The statement with the places its engine knows: `?`, or `$1`, `$2`..."""
        places = ["?" if self._dialect == "sqlite" else f"${number}" for number in range(1, statement.count("{}") + 1)]
        return statement.format(*places)
