"""Presences between domain and protobuf: requests in, messages and facts out."""

from datetime import datetime

from groupement.coworking.v1 import check_in_pb2, check_in_service_pb2, events_pb2
from servicekit.facts import Fact, fact
from servicekit.identifiers import is_id
from servicekit.refusals import Invalid
from servicekit.rpc.paging import instant
from servicekit.timestamps import timestamp

from coworking.check_ins.domain import Answer, CheckIn, Usage
from coworking.places.wire import money_message


class PersonIdMalformed(Invalid):
    """A person is named by an identifier: person_ and thirty-two hexadecimal digits."""


def check_in_message(of: CheckIn) -> check_in_pb2.CheckIn:
    """A presence as a message."""
    return check_in_pb2.CheckIn(
        check_in_id=of.check_in_id,
        place_id=of.place_id,
        person_id=of.person_id,
        booking_id=of.booking_id,
        check_in_time=timestamp(of.at),
        half_days=of.half_days,
    )


def answer_message(answer: Answer) -> check_in_service_pb2.CheckEntitlementResponse:
    """What a person may use, as a message."""
    return check_in_service_pb2.CheckEntitlementResponse(
        entitled=answer.entitled,
        until_date="" if answer.until is None else answer.until.isoformat(),
        half_days_left=answer.half_days_left,
    )


def person_id(text: str) -> str:
    """The id of a person; raises PersonIdMalformed."""
    if not is_id(text, "person"):
        raise PersonIdMalformed(field="person_id")
    return text


def usage_recorded(of: Usage, *, at: datetime) -> Fact:
    """Tells the groupement that a right was used."""
    recorded = events_pb2.UsageRecorded(
        usage_id=of.usage_id,
        entitlement_id=of.entitlement_id,
        half_days=of.half_days,
        date=of.day.isoformat(),
        amount=money_message(of.amount),
    )
    return fact(recorded, aggregate_id=of.usage_id, version=1, at=at)


def check_in_key(at: str, last_id: str) -> tuple[datetime, str]:
    """The key of a presence out of a page token; raises ValueError."""
    return instant(at), last_id


def check_in_key_texts(after: CheckIn) -> tuple[str, str]:
    """The key of a presence, as a page token carries it."""
    return after.at.isoformat(), after.check_in_id
