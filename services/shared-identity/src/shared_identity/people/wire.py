"""People <-> protobuf, the card's code, the facts told of people."""

import json
from collections.abc import Mapping
from datetime import datetime

from groupement.shared_identity.v1 import events_pb2, person_pb2, person_service_pb2
from joserfc import jws
from joserfc.jwk import OKPKey
from servicekit.etags import etag
from servicekit.facts import Fact, fact
from servicekit.timestamps import timestamp

from shared_identity.people.domain import (
    Card,
    Change,
    MaskUnknown,
    Names,
    Person,
    Registration,
    email_address,
    locale,
    name,
)

_CHANGEABLE = ("given_name", "family_name", "locale")


def registration(request: person_service_pb2.RegisterPersonRequest, password_hash: str) -> Registration:
    """What a registration asks for; raises Invalid naming the field."""
    return Registration(
        email=email_address(request.email),
        names=Names(
            given_name=name(request.given_name, "given_name"), family_name=name(request.family_name, "family_name")
        ),
        locale=locale(request.locale),
        password_hash=password_hash,
    )


def change(request: person_service_pb2.UpdateMyselfRequest) -> Change:
    """What is to change: the fields the mask names, or all that are filled when it names none (AIP-134)."""
    asked = list(request.update_mask.paths) or [field for field in _CHANGEABLE if getattr(request.person, field)]
    if unknown := [path for path in asked if path not in (*_CHANGEABLE, "*")]:
        raise MaskUnknown(field="update_mask", path=unknown[0])
    named = _CHANGEABLE if "*" in asked else asked
    person = request.person
    return Change(
        given_name=name(person.given_name, "person.given_name") if "given_name" in named else None,
        family_name=name(person.family_name, "person.family_name") if "family_name" in named else None,
        locale=locale(person.locale, "person.locale") if "locale" in named else None,
    )


def person_message(person: Person) -> person_pb2.Person:
    """A person as they see themselves."""
    return person_pb2.Person(
        person_id=person.person_id,
        email=person.email,
        given_name=person.given_name,
        family_name=person.family_name,
        locale=person.locale,
        email_verified=person.email_verified,
        has_password=bool(person.password_hash),
        create_time=timestamp(person.created_at),
        etag=etag(person.version),
    )


def name_message(person_id: str, names: Names) -> person_pb2.PersonName:
    """What a structure reads of somebody."""
    return person_pb2.PersonName(person_id=person_id, given_name=names.given_name, family_name=names.family_name)


def card_message(card: Card, keys: Mapping[str, OKPKey]) -> person_pb2.Card:
    """A card with the code its QR says."""
    return person_pb2.Card(
        card_id=card.card_id, code=card_code(card, keys[card.kid]), expire_time=timestamp(card.expires_at)
    )


def card_code(card: Card, key: OKPKey) -> str:
    """The signed code of a card: Ed25519 signs alike each time (RFC 8032), so the code is stable without being kept."""
    header = {"alg": "Ed25519", "kid": card.kid, "typ": "card+jwt"}
    claims = {
        "jti": card.card_id,
        "sub": card.person_id,
        "iat": int(card.issued_at.timestamp()),
        "exp": int(card.expires_at.timestamp()),
    }
    return jws.serialize_compact(header, json.dumps(claims, separators=(",", ":")).encode(), key, ["Ed25519"])


def person_registered(person: Person, at: datetime) -> Fact:
    """An identity was made."""
    told = events_pb2.PersonRegistered(person_id=person.person_id)
    return fact(told, aggregate_id=person.person_id, version=person.version, at=at)


def person_verified(person: Person, at: datetime) -> Fact:
    """An address was proved."""
    told = events_pb2.PersonVerified(person_id=person.person_id)
    return fact(told, aggregate_id=person.person_id, version=person.version, at=at)


def card_revoked(card: Card, at: datetime) -> Fact:
    """Every door must refuse this card; that is all there ever is to tell of a card."""
    return fact(events_pb2.CardRevoked(card_id=card.card_id), aggregate_id=card.card_id, version=1, at=at)
