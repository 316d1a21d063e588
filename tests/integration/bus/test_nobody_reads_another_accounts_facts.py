"""Isolation is the server's: every way in is tried, by everyone who should get nothing; a control lets them in."""

import asyncio
import base64
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from broker import Broker, broker, house, inserted, seed_file
from probes import CANARY, PROBES, eavesdropping
from servicekit.bus.accounts import HEARD_API, to_groupement
from servicekit.bus.connection import ApiRefusal, Bus
from servicekit.bus.keys import make_key

OWN = "south.coworking.own.booking.confirmed"
SHARED = "south.coworking.shared.usage.recorded"
EXPORTED_API = "JS.south.API"
GUESSES = ("$JS.API", HEARD_API, EXPORTED_API, "$JS.south.API", "$JS.SOUTH.API")
STRANGERS = (
    ("north", "owner"),
    ("north", "coworking@north"),
    ("groupement", "owner"),
    ("groupement", "shared-identity@groupement"),
    ("groupement", "portal@groupement"),
    ("groupement", "spy"),
)
"""The spy has a user of its own, without limits, in the account that hears the valves: our configuration gives none."""
VALVE = to_groupement("south")
FLOW_CONTROL = VALVE.flow_control.replace("*", "_").replace(">", "1.1.1.1.1.1")


@pytest.fixture
async def fresh(tmp_path: Path) -> AsyncIterator[Broker]:
    """A house with a spy in the account where the groupement hears."""
    nkey = make_key(seed_file(tmp_path, "groupement", "spy"))

    def spied_on(text: str) -> str:
        return inserted(text, "GROUPEMENT__HEARD", "users", f"{{ nkey: {nkey} }}")

    async with broker(tmp_path, house(tmp_path), changed=spied_on) as running:
        yield running


@pytest.mark.parametrize(("structure", "user"), STRANGERS)
async def test_no_api_call_of_a_stranger_reads_what_a_structure_keeps(fresh: Broker, structure: str, user: str) -> None:
    await _tell(fresh, OWN, CANARY)
    async with fresh.connected(structure, user) as spy:
        for api in GUESSES:
            may_destroy_its_own = user in ("owner", "spy") and api in ("$JS.API", HEARD_API)
            tried = {name: probe for name, probe in PROBES.items() if not may_destroy_its_own or name != "destruction"}
            found = await asyncio.gather(*(probe(spy, api, "south") for probe in tried.values()))
            assert not [name for name, read in zip(tried, found, strict=True) if _leaks(read)], api
            if api not in ("$JS.API", HEARD_API):
                assert not any(found), api
    assert await fresh.subjects("south", "EVENTS") == {OWN: 1}


@pytest.mark.parametrize(("structure", "user"), STRANGERS)
async def test_no_plain_subscription_of_a_stranger_hears_what_a_structure_says(
    fresh: Broker, structure: str, user: str
) -> None:
    subjects = (">", "south.>", "valve.>", "$JS.>", "_INBOX.>")
    async with fresh.connected(structure, user) as spy, eavesdropping(spy, subjects) as heard:
        await _tell(fresh, OWN, CANARY)
    assert not _leaks(heard)


async def test_another_structures_valve_is_silent_to_a_third_one(fresh: Broker) -> None:
    async with fresh.connected("north") as spy:
        async with eavesdropping(spy, (">", VALVE.deliver_subject)) as heard:
            await _tell(fresh, SHARED, CANARY)
            await fresh.arrived("groupement", SHARED)
        assert not _leaks(heard)


@pytest.mark.parametrize(("structure", "user"), [("north", "owner"), ("groupement", "owner"), ("groupement", "spy")])
async def test_a_stream_sourced_or_mirrored_from_another_account_stays_empty(
    fresh: Broker, structure: str, user: str
) -> None:
    await _tell(fresh, OWN, CANARY)
    async with fresh.connected(structure, user) as spy:
        for name, config in _thefts().items():
            try:
                await spy.call(f"STREAM.CREATE.{name}", {"name": name, **config})
            except ApiRefusal:
                continue
        await asyncio.sleep(2)
        for name in await _streams(spy):
            state = (await spy.client.request(f"$JS.API.STREAM.INFO.{name}")).data
            assert b'"messages":0' in state, name


@pytest.mark.parametrize("subject", [VALVE.imported_reset, FLOW_CONTROL])
async def test_forged_payloads_on_the_two_open_subjects_read_nothing(fresh: Broker, subject: str) -> None:
    await _tell(fresh, OWN, CANARY)
    forged = [
        b"+NXT",
        b'+NXT {"batch":100}',
        b"-NAK",
        b"+TERM",
        b'{"seq":1}',
        b'{"seq":1,"config":{"filter_subject":">"}}',
        b'{"stream_name":"EVENTS","config":{"durable_name":"to_groupement","filter_subject":">"}}',
        b'{"batch":100,"no_wait":true}',
        b"\x00\xff garbage",
    ]
    async with fresh.connected("groupement", "spy") as spy:
        async with eavesdropping(spy, (">", f"{VALVE.deliver_subject}")) as heard:
            for payload in forged:
                inbox = spy.client.new_inbox()
                await spy.client.publish(subject, payload, reply=inbox)
            await spy.client.flush()
        assert not _leaks(heard)
    await _tell(fresh, SHARED, b"still open")
    await fresh.arrived("groupement", SHARED)


async def _streams(bus: Bus) -> list[str]:
    names = (await bus.call("STREAM.NAMES", {}))["streams"]
    assert isinstance(names, list)
    return [str(name) for name in names]


async def test_control_the_naive_export_lets_the_same_probes_in(tmp_path: Path) -> None:
    async with broker(tmp_path, house(tmp_path), changed=naive) as spoilt:
        await _tell(spoilt, OWN, CANARY)
        async with spoilt.connected("groupement") as spy:
            found = {name: await probe(spy, EXPORTED_API, "south") for name, probe in PROBES.items()}
            assert _leaks(found["a_new_pull_consumer"])
            assert found["consumers_that_exist"]
            await spy.call("STREAM.CREATE.SOURCE", {"name": "SOURCE", **_thefts("spied")["SOURCE"]})
            await spoilt.arrived("groupement", OWN, stream="SOURCE", within=10)


def naive(text: str) -> str:
    """The generated configuration with the exports ADR-59 shows: the importer may use the whole consumer API."""
    wide = '{ service: "$JS.API.CONSUMER.>", response_type: stream, accounts: [GROUPEMENT] }'
    delivered = '{ stream: "spied.>", accounts: [GROUPEMENT] }'
    all_of_it = f'{{ service: {{ account: SOUTH, subject: "$JS.API.CONSUMER.>" }}, to: "{EXPORTED_API}.CONSUMER.>" }}'
    heard = '{ stream: { account: SOUTH, subject: "spied.>" } }'
    return inserted(inserted(text, "SOUTH", "exports", wide, delivered), "GROUPEMENT", "imports", all_of_it, heard)


def _thefts(deliver: str = VALVE.deliver_subject) -> dict[str, dict[str, object]]:
    """Streams that would copy another account's EVENTS."""
    consumer = {"name": "coworking", "deliver_subject": VALVE.deliver_subject}
    guessed = {"api": "$JS.south.API", "deliver": "spied"}
    source: dict[str, object] = {"name": "EVENTS", "external": {"api": EXPORTED_API, "deliver": deliver}}
    return {
        "MIRROR": {"mirror": source},
        "SOURCE": {"sources": [source]},
        "FILTERED": {"sources": [{**source, "filter_subject": "south.*.own.>"}]},
        "GUESSED": {"sources": [{"name": "EVENTS", "external": guessed}]},
        "DURABLE": {"sources": [{**source, "consumer": consumer}]},
        "CAPTURE": {"subjects": ["south.>"]},
    }


async def _tell(made: Broker, subject: str, body: bytes) -> None:
    await made.publish("coworking@south", subject, body)


def _leaks(read: Iterable[bytes]) -> bool:
    """Whether the canary is in there, plain or in base64 as STREAM.MSG.GET gives it."""
    return any(CANARY in one or base64.b64encode(CANARY)[:20] in one for one in read)
