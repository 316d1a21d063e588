"""Access tokens at hand: one a sign-in and structure, fetched once however many ask, dropped before they expire."""

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import timedelta

from servicekit.clock import Clock

from portal.provider import AccessToken

Fetch = Callable[[str, str], Awaitable[AccessToken]]
"""Gives a fresh token for a refresh token and a structure."""

MARGIN = timedelta(seconds=30)
_Key = tuple[bytes, str]


class AccessTokens:
    """Keeps tokens in memory until 30 seconds before they expire, the least used go first when there are too many."""

    def __init__(self, fetch: Fetch, clock: Clock, *, most: int = 5_000) -> None:
        self._fetch = fetch
        self._clock = clock
        self._most = most
        self._kept: OrderedDict[_Key, AccessToken] = OrderedDict()
        self._under_way: dict[_Key, asyncio.Task[AccessToken]] = {}

    async def get(self, refresh_token: str, structure: str) -> AccessToken:
        """A token good for a while yet; raises what fetching raises."""
        key = _key(refresh_token, structure)
        kept = self._kept.get(key)
        if kept is not None and kept.expires_at - MARGIN > self._clock():
            self._kept.move_to_end(key)
            return kept
        return await asyncio.shield(self._under_way.get(key) or self._begin(key, refresh_token, structure))

    def forget(self, refresh_token: str) -> None:
        """Drop every token of a sign-in."""
        digest = _key(refresh_token, "")[0]
        for key in [key for key in self._kept if key[0] == digest]:
            del self._kept[key]

    def _begin(self, key: _Key, refresh_token: str, structure: str) -> asyncio.Task[AccessToken]:
        task = asyncio.ensure_future(self._fetch_and_keep(key, refresh_token, structure))
        self._under_way[key] = task
        task.add_done_callback(lambda done: self._end(key, done))
        return task

    async def _fetch_and_keep(self, key: _Key, refresh_token: str, structure: str) -> AccessToken:
        token = await self._fetch(refresh_token, structure)
        self._kept[key] = token
        self._kept.move_to_end(key)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return token

    def _end(self, key: _Key, done: asyncio.Task[AccessToken]) -> None:
        """Forget the flight; look at its outcome, since everybody who waited may have gone."""
        self._under_way.pop(key, None)
        if not done.cancelled():
            done.exception()


def _key(refresh_token: str, structure: str) -> _Key:
    return hashlib.sha256(refresh_token.encode()).digest(), structure
