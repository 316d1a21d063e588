"""What integrations heard, held against what their accounts said."""

import asyncio
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from groupement_cli.bus import owner
from groupement_cli.facts import Tail, listening
from journey import Journey, eventually
from listeners import Integration, out_of_order


async def facts_of(journey: Journey, account: str) -> dict[str, str]:
    """The ids and subjects of all facts of an account's two streams, as its owner reads them."""
    everything = Tail(structure=account, subject=">", since=datetime(2020, 1, 1, tzinfo=UTC), limit=None, follow=False)
    await asyncio.sleep(1)
    async with owner(journey.home, account, journey.bus_url) as bus, listening(bus, everything) as facts:
        return {fact.id: f"{fact.stream} {fact.subject}" async for fact in facts}


async def heard_all(listener: Integration, said: dict[str, str]) -> bool:
    """Whether a listener heard every fact; what is still missing is printed, for whoever reads a failure."""
    missing = set(said) - {fact.headers["ce-id"] for fact in listener.heard}
    print(listener.name, "misses", sorted(said[fact_id] for fact_id in missing))
    return not missing


async def each_heard_its_account_and_no_name(
    journey: Journey, listeners: Iterable[Integration], names: Sequence[str], *, seconds: float
) -> None:
    """All facts of the account, each once, in order; not one of these names."""
    for listener in listeners:
        said = await facts_of(journey, listener.account)

        async def all_there(listener: Integration = listener, said: dict[str, str] = said) -> bool:
            return await heard_all(listener, said)

        await eventually(all_there, seconds=seconds, what=f"all {len(said)} facts of {listener.account}")
        ids = [(fact.stream, fact.headers["ce-id"]) for fact in listener.heard]
        assert len(ids) == len(set(ids))
        assert out_of_order(listener.heard) == []
        assert not [(name, fact.subject) for name in names for fact in listener.heard if name in fact.text()]
