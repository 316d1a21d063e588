"""Access tokens: one flight however many ask, kept until shortly before they expire, never beyond the bound."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from portal.provider import AccessToken, ProviderAway
from portal.tokens import MARGIN, AccessTokens

START = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LIFE = timedelta(minutes=10)


class Desk:
    """Gives numbered tokens and counts how often it was asked."""

    def __init__(self) -> None:
        self.now = START
        self.asked = 0
        self.away = False

    async def fetch(self, refresh_token: str, structure: str) -> AccessToken:
        self.asked += 1
        number = self.asked
        await asyncio.sleep(0.01)
        if self.away:
            raise ProviderAway
        text = f"{refresh_token}/{structure}/{number}"
        return AccessToken(text=text, roles=frozenset(), expires_at=self.now + LIFE)

    def tokens(self, most: int = 100) -> AccessTokens:
        return AccessTokens(self.fetch, lambda: self.now, most=most)


async def test_many_who_ask_at_once_wait_for_one_flight() -> None:
    desk = Desk()
    tokens = desk.tokens()
    found = await asyncio.gather(*(tokens.get("r", "la-ruche") for _ in range(20)))
    assert desk.asked == 1
    assert {token.text for token in found} == {"r/la-ruche/1"}


async def test_a_token_is_for_one_sign_in_at_one_structure() -> None:
    desk = Desk()
    tokens = desk.tokens()
    texts = {(await tokens.get(*pair)).text for pair in [("r", "a"), ("r", "b"), ("q", "a")]}
    assert len(texts) == desk.asked == 3


async def test_a_token_serves_until_shortly_before_it_expires() -> None:
    desk = Desk()
    tokens = desk.tokens()
    await tokens.get("r", "a")
    desk.now = START + LIFE - MARGIN - timedelta(seconds=1)
    await tokens.get("r", "a")
    assert desk.asked == 1
    desk.now = START + LIFE - MARGIN
    await tokens.get("r", "a")
    assert desk.asked == 2


async def test_a_live_token_serves_while_the_provider_is_away() -> None:
    desk = Desk()
    tokens = desk.tokens()
    await tokens.get("r", "a")
    desk.away = True
    assert (await tokens.get("r", "a")).text == "r/a/1"
    with pytest.raises(ProviderAway):
        await tokens.get("r", "b")


async def test_a_flight_that_failed_is_tried_again() -> None:
    desk = Desk()
    tokens = desk.tokens()
    desk.away = True
    with pytest.raises(ProviderAway):
        await tokens.get("r", "a")
    desk.away = False
    assert (await tokens.get("r", "a")).text == "r/a/2"


async def test_one_who_leaves_does_not_take_the_flight_from_the_others() -> None:
    desk = Desk()
    tokens = desk.tokens()
    impatient = asyncio.create_task(tokens.get("r", "a"))
    patient = asyncio.create_task(tokens.get("r", "a"))
    await asyncio.sleep(0)
    impatient.cancel()
    assert (await patient).text == "r/a/1"


async def test_signing_out_forgets_every_token_of_the_sign_in() -> None:
    desk = Desk()
    tokens = desk.tokens()
    for structure in ("a", "b"):
        await tokens.get("r", structure)
    await tokens.get("q", "a")
    tokens.forget("r")
    await tokens.get("q", "a")
    assert desk.asked == 3
    await tokens.get("r", "a")
    assert desk.asked == 4


async def test_no_more_are_kept_than_the_bound() -> None:
    desk = Desk()
    tokens = desk.tokens(most=2)
    for structure in ("a", "b", "c"):
        await tokens.get("r", structure)
    await tokens.get("r", "c")
    assert desk.asked == 3
    await tokens.get("r", "a")
    assert desk.asked == 4
