"""Facts of a trade our platform knows nothing of, described at run time as an events.proto would."""

from datetime import UTC, datetime
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from groupement.options.v1 import options_pb2
from servicekit.facts import Fact, fact

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
