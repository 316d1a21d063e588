"""The contract itself: every RPC says who may call it, every personal field what it is, no fact names a person."""

import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor, FileDescriptor, MethodDescriptor
from groupement.options.v1 import options_pb2

ROOT = Path(__file__).resolve().parents[3] / "protos"
NAMES_A_PERSON = re.compile(r"(^|_)(email|phone|given_name|family_name|applicant_name|holder_name|password|pitch)(_|$)")


def files() -> list[FileDescriptor]:
    """Every file of the contract, as generated."""
    found = []
    for path in sorted(ROOT.glob("groupement/**/*.proto")):
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts) + "_pb2"
        found.append(importlib.import_module(module).DESCRIPTOR)
    return found


def messages() -> Iterator[Descriptor]:
    for file in files():
        yield from file.message_types_by_name.values()


def methods() -> list[MethodDescriptor]:
    return [method for file in files() for service in file.services_by_name.values() for method in service.methods]


def fields_within(message: Descriptor, seen: frozenset[str] = frozenset()) -> Iterator[FieldDescriptor]:
    """The fields of a message and of the messages it holds."""
    for field in message.fields:
        yield field
        if field.message_type is not None and field.message_type.full_name not in seen:
            yield from fields_within(field.message_type, seen | {field.message_type.full_name})


@pytest.mark.parametrize("method", methods(), ids=lambda method: method.full_name)
def test_every_rpc_says_who_may_call_it(method: MethodDescriptor) -> None:
    rules = method.GetOptions().Extensions[options_pb2.access].rules
    assert rules, "deny by default: an RPC without a rule admits nobody"
    for rule in rules:
        assert rule.peers, "a rule names the kinds of service it admits"
        assert rule.who != options_pb2.WHO_UNSPECIFIED
        assert bool(rule.roles) == (rule.who == options_pb2.WHO_ROLE)
        assert options_pb2.ROLE_UNSPECIFIED not in rule.roles


@pytest.mark.parametrize("message", list(messages()), ids=lambda message: message.full_name)
def test_every_field_of_a_persons_record_is_classified(message: Descriptor) -> None:
    if not message.GetOptions().Extensions[options_pb2.person_record]:
        return
    unclassified = [
        field.name
        for field in message.fields
        if field.GetOptions().Extensions[options_pb2.personal] == options_pb2.PERSONAL_UNSPECIFIED
    ]
    assert not unclassified


@pytest.mark.parametrize("message", list(messages()), ids=lambda message: message.full_name)
def test_what_names_a_person_is_a_persons_record(message: Descriptor) -> None:
    """Requests that only carry an id of a person are not records; whatever holds a name or an address is."""
    if message.GetOptions().Extensions[options_pb2.person_record] or message.GetOptions().HasExtension(
        options_pb2.fact
    ):
        return
    assert not [field.name for field in message.fields if NAMES_A_PERSON.search(field.name)]


@pytest.mark.parametrize("message", list(messages()), ids=lambda message: message.full_name)
def test_no_fact_names_a_person(message: Descriptor) -> None:
    if not message.GetOptions().HasExtension(options_pb2.fact):
        return
    within = list(fields_within(message))
    assert not [field.full_name for field in within if NAMES_A_PERSON.search(field.name)]
    classes = {field.GetOptions().Extensions[options_pb2.personal] for field in within}
    assert not classes & {options_pb2.PERSONAL_CONTACT, options_pb2.PERSONAL_SECRET, options_pb2.PERSONAL_LIFE}


@pytest.mark.parametrize("message", list(messages()), ids=lambda message: message.full_name)
def test_facts_stand_in_events_and_say_where_they_go(message: Descriptor) -> None:
    says = message.GetOptions().HasExtension(options_pb2.fact)
    assert says == message.file.name.endswith("/events.proto")
    if says:
        fact = message.GetOptions().Extensions[options_pb2.fact]
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", fact.noun) and re.fullmatch(r"[a-z]+(_[a-z]+)*", fact.verb)
        sent_by_groupement = message.file.package == "groupement.shared_identity.v1"
        widest = (
            {options_pb2.AUDIENCE_ALL, options_pb2.AUDIENCE_TO} if sent_by_groupement else {options_pb2.AUDIENCE_SHARED}
        )
        assert fact.audience in {options_pb2.AUDIENCE_OWN, *widest}


@pytest.mark.parametrize("method", methods(), ids=lambda method: method.full_name)
def test_lists_are_paged_and_commands_can_be_repeated(method: MethodDescriptor) -> None:
    """AIP-158 and AIP-155."""
    asked, answered = method.input_type, method.output_type
    names = {field.name for field in asked.fields}
    if method.name.startswith("List") and answered.full_name != "groupement.coworking.v1.ListMyRightsResponse":
        assert {"page_size", "page_token"} <= names
        assert "next_page_token" in {field.name for field in answered.fields}
    reads = ("Get", "List", "LookUp", "Check", "Quote", "SignIn", "SendSignIn", "RequestPassword")
    reads += ("Count", "Find", "Search", "Preview")
    if method.name == "RecordScans":  # each scan has an id of its own
        return
    if not method.name.startswith(reads) or method.name.startswith("CheckIn"):
        assert "request_id" in names


def test_no_reply_is_shared_by_two_rpcs() -> None:
    answers = [method.output_type.full_name for method in methods()]
    assert len(set(answers)) == len(answers)
