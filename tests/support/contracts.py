"""Every RPC of every service, read from the contract: nobody keeps a list of them by hand."""

import importlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import groupement
from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.message import Message
from servicekit.rpc.access import Admissions, admissions_of

_WITHOUT_SUFFIX = -len(".py")


@dataclass(frozen=True)
class Rpc:
    """One RPC as the contract declares it."""

    method: MethodDescriptor

    @property
    def service(self) -> str:
        """`groupement.coworking.v1.BookingService`."""
        return str(self.method.containing_service.full_name)

    @property
    def path(self) -> str:
        """As it is called: `/groupement.coworking.v1.BookingService/Book`."""
        return f"/{self.service}/{self.method.name}"

    @property
    def name(self) -> str:
        """As people say it: `BookingService.Book`."""
        return f"{self.method.containing_service.name}.{self.method.name}"

    @property
    def asks(self) -> Descriptor:
        """What its request is made of."""
        return self.method.input_type

    @cached_property
    def request(self) -> type[Message]:
        """The class of its request."""
        return message_factory.GetMessageClass(self.method.input_type)

    @cached_property
    def response(self) -> type[Message]:
        """The class of its response."""
        return message_factory.GetMessageClass(self.method.output_type)

    @cached_property
    def admissions(self) -> Admissions:
        """Who may call it."""
        return admissions_of(self.path)

    def __repr__(self) -> str:
        return self.name


def every_rpc() -> Sequence[Rpc]:
    """All RPCs of all `*_service.proto` files, by name."""
    found = [Rpc(method) for module in _modules() for method in _methods(module)]
    return sorted(found, key=lambda rpc: rpc.path)


def is_message(field: FieldDescriptor) -> bool:
    """Whether a field holds a message."""
    return field.message_type is not None


def message_in(field: FieldDescriptor) -> Descriptor:
    """What the message in a field is made of; for those that hold one."""
    if field.message_type is None:
        raise TypeError(f"{field.full_name} holds no message")
    return field.message_type


def walk(message: Message, path: str = "") -> Iterator[tuple[str, Message]]:
    """A message and all messages inside it, each with where it stands: `applications`, `columns.projects`."""
    yield path, message
    for field, value in message.ListFields():
        if is_message(field):
            inner = value if field.is_repeated else [value]
            for each in inner:
                yield from walk(each, f"{path}.{field.name}".lstrip("."))


def texts(message: Message) -> Iterator[tuple[str, str]]:
    """Every text in a message, each with where it stands: `applications.pitch`."""
    for path, inner in walk(message):
        for field, value in inner.ListFields():
            if field.type == FieldDescriptor.TYPE_STRING:
                for text in value if field.is_repeated else [value]:
                    yield f"{path}.{field.name}".lstrip("."), text


def names_a_field(descriptor: Descriptor, path: str) -> bool:
    """Whether a path such as `clauses[0].price.cents` leads to a field of a message."""
    name, _, rest = path.partition(".")
    field = descriptor.fields_by_name.get(name.partition("[")[0])
    if field is None or not rest:
        return field is not None
    return is_message(field) and names_a_field(message_in(field), rest)


def _modules() -> Iterator[Any]:
    roots = [Path(path) for path in groupement.__path__]
    files = {file.relative_to(root) for root in roots for file in root.rglob("*_service_pb2.py")}
    for file in sorted(files):
        yield importlib.import_module(f"groupement.{'.'.join(file.parts)[:_WITHOUT_SUFFIX]}")


def _methods(module: Any) -> Iterator[MethodDescriptor]:
    for service in module.DESCRIPTOR.services_by_name.values():
        yield from service.methods
