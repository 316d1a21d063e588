"""Whatever stands in a field of a request: the answer is a refusal with a reason, and names the field at fault."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from contracts import Rpc, every_rpc, is_message, message_in
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from hypothesis import HealthCheck, find, settings
from prowl import Prowl, prowling
from recipes import GARBAGE_ENUMS, GARBAGE_INSTANTS, GARBAGE_NUMBERS, GARBAGE_TEXTS, Recipe, good_requests
from trespass import Trespass, table

_QUIET = settings(database=None, derandomize=True, suppress_health_check=list(HealthCheck), max_examples=20)
_HUGE = "x" * 100_000
_NO_MESSAGE = b"\xff\xff\xff\xff"


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prowl]:
    """A house without a broker: what is told waits."""
    with prowling(tmp_path_factory.mktemp("bad-requests"), bus=False) as opened:
        yield opened


def test_garbage_in_any_field_is_refused_with_a_reason_that_names_it(
    quiet: Prowl, capsys: pytest.CaptureFixture[str]
) -> None:
    quiet.trespass.counts.clear()
    wrong: list[str] = []

    for rpc in every_rpc():
        quiet.run(_spoil_every_field(quiet.trespass, rpc, wrong))

    with capsys.disabled():
        print(f"\nGarbage: {table(quiet.trespass.counts).splitlines()[-1]}")
    assert not wrong, "\n".join(wrong)


def test_bytes_that_are_no_message_are_refused_with_a_reason(quiet: Prowl) -> None:
    for rpc in every_rpc():
        quiet.run(_send_no_message(quiet.trespass, rpc))


async def _spoil_every_field(trespass: Trespass, rpc: Rpc, wrong: list[str]) -> None:
    recipe = find(good_requests(rpc), _is_between_two, settings=_QUIET)
    target = trespass.targets(rpc)[0]
    viewer = trespass.admitted(rpc, target)[0]
    for path, garbage in _garbage(rpc.asks):
        request = trespass.request(viewer, target, rpc, recipe)
        _put(request, path, garbage)
        answer = await trespass.call(viewer, target, rpc, request)
        if answer.code == "INVALID_ARGUMENT" and not _is_about(answer.field, path):
            wrong.append(f"{rpc.name}: {answer.reason} names {answer.field}, not {path}: {str(garbage)[:40]!r}")


async def _send_no_message(trespass: Trespass, rpc: Rpc) -> None:
    target = trespass.targets(rpc)[0]
    answer = await trespass.world.call_raw(trespass.admitted(rpc, target)[0], target, rpc, _NO_MESSAGE)
    assert (answer.code, answer.reason) == ("INVALID_ARGUMENT", "MESSAGE_MALFORMED"), f"{rpc.name}: {answer}"


def _garbage(of: Descriptor, path: str = "") -> Iterator[tuple[str, Any]]:
    """Each field of a message, those inside it too, with each thing that should not stand there."""
    for field in of.fields:
        here = f"{path}.{field.name}".lstrip(".")
        for value in _values(field):
            yield here, value
        if is_message(field) and not message_in(field).full_name.startswith("google.protobuf."):
            yield from _garbage(message_in(field), here)


def _values(field: FieldDescriptor) -> Sequence[Any]:
    if is_message(field):
        return GARBAGE_INSTANTS if message_in(field).name == "Timestamp" else ()
    if field.enum_type is not None:
        return GARBAGE_ENUMS
    if field.type == FieldDescriptor.TYPE_STRING:
        return ("", *GARBAGE_TEXTS, _HUGE)
    return () if field.type == FieldDescriptor.TYPE_BOOL else GARBAGE_NUMBERS


def _is_between_two(recipe: Recipe) -> bool:
    """Whether a request is in order: nobody makes an agreement with themselves."""
    return "grantor" not in recipe or recipe["grantor"] != recipe["home"]


def _put(message: Any, path: str, value: Any) -> None:
    name, _, rest = path.partition(".")
    described = message.DESCRIPTOR.fields_by_name[name]
    inner = getattr(message, name)
    if rest:
        _put((inner[0] if inner else inner.add()) if described.is_repeated else inner, rest, value)
    elif described.is_repeated:
        inner[:] = [value]
    elif isinstance(inner, Message):
        inner.CopyFrom(type(inner)(**value))
    else:
        setattr(message, name, value)


def _is_about(field: str, path: str) -> bool:
    """Whether a refusal names the field spoiled, or one it is judged together with."""
    named = ".".join(part.partition("[")[0] for part in field.split("."))
    (where, _, end), (there, _, spoiled) = named.rpartition("."), path.rpartition(".")
    together = where == there and {end, spoiled} <= _JUDGED_TOGETHER
    return named == path or path.startswith(f"{named}.") or together


_JUDGED_TOGETHER = {"start_time", "end_time"}
"""A stretch of time is too long, or ends before it starts, by either end."""
