"""Facts of a trade our platform knows nothing of, described at run time as an events.proto would."""

import base64
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from groupement.options.v1 import options_pb2
from servicekit.bus.connection import Bus
from servicekit.facts import Fact, fact
from servicekit.origin import Origin
from servicekit.sql import Database, Work, kit_tables, outbox
from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text, insert, select

BAKERY = Origin(structure="south", kind="bakery")
METADATA = MetaData()
kit_tables(METADATA)
shelf = Table(
    "shelf",
    METADATA,
    Column("position", BigInteger().with_variant(Integer, "sqlite"), primary_key=True),
    Column("fact_id", Text, nullable=False),
    Column("loaf_id", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("grams", BigInteger, nullable=False),
)
"""What subscribers write, no fact its key: an effect that happens twice is there twice, in the order of `position`."""

_FILE = "house/bakery/v1/events.proto"
_TEXT, _WHOLE = descriptor_pb2.FieldDescriptorProto.TYPE_STRING, descriptor_pb2.FieldDescriptorProto.TYPE_INT64
WHEN = datetime(2026, 3, 14, 15, 9, 26, 535897, tzinfo=UTC)


def _message(file: descriptor_pb2.FileDescriptorProto, name: str, noun: str, verb: str, audience: Any) -> None:
    message = file.message_type.add(name=name)
    for number, (field, kind) in enumerate((("loaf_id", _TEXT), ("grams", _WHOLE)), start=1):
        message.field.add(name=field, number=number, type=kind, label=1)
    told = options_pb2.Fact(noun=noun, verb=verb, audience=audience)
    message.options.Extensions[options_pb2.fact].CopyFrom(told)


def _described() -> Any:
    pool = descriptor_pool.Default()
    file = descriptor_pb2.FileDescriptorProto(name=_FILE, package="house.bakery.v1", syntax="proto3")
    file.dependency.append("groupement/options/v1/options.proto")
    _message(file, "LoafBaked", "loaf", "baked", options_pb2.AUDIENCE_OWN)
    _message(file, "LoafSold", "loaf", "sold", options_pb2.AUDIENCE_SHARED)
    _message(file, "LoafPromised", "loaf", "promised", options_pb2.AUDIENCE_TO)
    pool.AddSerializedFile(file.SerializeToString())
    return message_factory.GetMessages([file], pool=pool)


_MESSAGES = _described()
LoafBaked: Any = _MESSAGES["house.bakery.v1.LoafBaked"]
LoafSold: Any = _MESSAGES["house.bakery.v1.LoafSold"]
LoafPromised: Any = _MESSAGES["house.bakery.v1.LoafPromised"]


def baked(loaf_id: str, version: int = 1, grams: int = 500) -> Fact:
    """A fact that stays in the bakery's account."""
    return fact(LoafBaked(loaf_id=loaf_id, grams=grams), aggregate_id=loaf_id, version=version, at=WHEN)


def sold(loaf_id: str, version: int = 1, grams: int = 500) -> Fact:
    """A fact the groupement may hear."""
    return fact(LoafSold(loaf_id=loaf_id, grams=grams), aggregate_id=loaf_id, version=version, at=WHEN)


async def announce(db: Database, *facts: Fact) -> None:
    """Announces facts in one transaction."""
    async with db.work() as work:
        for each in facts:
            work.announce(each)


async def put_on_shelf(work: Work, loaf: Any, received: Any) -> None:
    """The effect of a fact, for subscribers under test."""
    row = {"fact_id": received.id, "loaf_id": loaf.loaf_id, "version": received.version, "grams": loaf.grams}
    await work.execute(insert(shelf), row)


async def on_shelf(db: Database) -> Sequence[tuple[str, int]]:
    """What the effects left: loaf and version, in the order they were written."""
    async with db.reading() as work:
        return [(row.loaf_id, row.version) for row in await work.execute(select(shelf).order_by(shelf.c.position))]


async def waiting(db: Database) -> int:
    """How many facts the outbox still holds."""
    async with db.reading() as work:
        return (await outbox.depth(work)).facts


async def ids_on(bus: Bus, stream: str = "EVENTS") -> list[str]:
    """The ids of the facts a stream holds, in its order, as its account's owner reads them."""
    state = (await bus.call(f"STREAM.INFO.{stream}"))["state"]
    assert isinstance(state, dict)
    found = []
    for sequence in range(state["first_seq"] or 1, state["last_seq"] + 1):
        message = (await bus.call(f"STREAM.MSG.GET.{stream}", {"seq": sequence}))["message"]
        assert isinstance(message, dict)
        lines = base64.b64decode(message["hdrs"]).decode().split("\r\n")
        found += [line.removeprefix("ce-id: ") for line in lines if line.startswith("ce-id: ")]
    return found
