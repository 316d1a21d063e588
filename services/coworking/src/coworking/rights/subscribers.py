"""Back door of rights: shared-identity opens and closes them by facts addressed to this structure."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from groupement.shared_identity.v1.events_pb2 import EntitlementClosed, EntitlementOpened
from servicekit.bus.accounts import FEDERATION
from servicekit.bus.envelope import Received
from servicekit.bus.subscriptions import Subscription
from servicekit.clock import Clock
from servicekit.fields import day
from servicekit.refusals import Invalid
from servicekit.sql import Work

from coworking.places.domain import ResourceKind
from coworking.places.wire import money
from coworking.rights import usecases
from coworking.rights.domain import Entitlement


class ResourceKindUnknown(Invalid):
    """This kind of space does not exist here."""


class RightsSubscriber:
    """Keeps rights as they are told. Slices above that follow rights must be subscribed after it."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock

    def subscriptions(self) -> Sequence[Subscription[Any]]:
        """What this slice listens to."""
        return [
            Subscription(stream=FEDERATION, message_type=EntitlementOpened, handler=self._opened),
            Subscription(stream=FEDERATION, message_type=EntitlementClosed, handler=self._closed),
        ]

    async def _opened(self, work: Work, fact: EntitlementOpened, received: Received) -> None:
        await usecases.keep(work, opened(fact, received.version), now=self._clock())

    async def _closed(self, work: Work, fact: EntitlementClosed, received: Received) -> None:
        last_day, now = day("end_date", fact.end_date), self._clock()
        await usecases.close(work, fact.entitlement_id, last_day=last_day, version=received.version, now=now)


def opened(fact: EntitlementOpened, version: int) -> Entitlement:
    """The right a fact opens; raises Invalid naming the field."""
    return Entitlement(
        entitlement_id=fact.entitlement_id,
        person_id=fact.person_id,
        agreement_id=fact.agreement_id,
        home=fact.home,
        kind=_kind(fact.resource_kind),
        half_days_per_month=fact.half_days_per_month,
        price=money(fact.price),
        starts_on=day("period.start_date", fact.period.start_date),
        ends_on=_last_day(fact.period.end_date),
        version=version,
    )


def _kind(name: str) -> ResourceKind:
    try:
        return ResourceKind(name.removeprefix("RESOURCE_KIND_"))
    except ValueError as error:
        raise ResourceKindUnknown(field="resource_kind") from error


def _last_day(text: str) -> date | None:
    return day("period.end_date", text) if text else None
