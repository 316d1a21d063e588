"""Three structures and what passes between them, for tests: people, declarations as the bus brings them, agreements."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from google.protobuf import json_format
from google.protobuf.message import Message
from groupement.coworking.v1.events_pb2 import UsageRecorded
from groupement.declaration.v1 import events_pb2 as declarations
from groupement.options.v1 import options_pb2
from groupement.type.v1.money_pb2 import Money
from groupement.type.v1.period_pb2 import Period as PeriodMessage
from servicekit.bus.accounts import FEDERATION
from servicekit.bus.envelope import Received
from servicekit.bus.intake import Intake
from servicekit.bus.subscriptions import Subscriptions
from servicekit.clock import Clock
from servicekit.facts import kind_of
from servicekit.identifiers import new_id
from servicekit.origin import GROUPEMENT, Origin
from servicekit.refusals import Refusal
from servicekit.sql import Database, Work
from servicekit.sql.outbox import Waiting, waiting
from shared_identity.agreements import usecases as agreements
from shared_identity.agreements.domain import Agreement, HalfDaysClause
from shared_identity.assembly import subscriptions
from shared_identity.days import Period
from shared_identity.memberships.domain import MembershipKind
from shared_identity.people import usecases as people
from shared_identity.people.domain import Person
from shared_identity.structures import usecases as structures
from shared_identity.structures.domain import Structure, VatStatus

SHARED_IDENTITY = Origin(structure=GROUPEMENT, kind="shared-identity")
NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 3)
NORTH, SOUTH, WEST = "le-nord", "le-sud", "l-ouest"
SINCE = Period(start=date(2021, 11, 1))
SEATS = HalfDaysClause(
    membership_kind=MembershipKind.INCUBATED, resource_kind="NOMAD_SEAT", half_days_per_month=8, cents=600
)


def person(number: int) -> str:
    """A person's identifier that stays the same."""
    return f"person_{number:032x}"


CAMILLE, JO, NOBODY = person(4), person(5), person(99)


def a_structure(slug: str, period: Period = SINCE) -> Structure:
    """A structure without registration numbers."""
    return Structure(
        slug=slug,
        name=slug.title(),
        legal_form="association loi 1901",
        siren="",
        siret="",
        rna="",
        vat_status=VatStatus.OUT_OF_SCOPE,
        data_contact=f"donnees@{slug}.example",
        brand_hue=32,
        period=period,
    )


async def settle_in(work: Work, *people_there: str) -> None:
    """Three structures, and people nobody has declared to be anything yet."""
    for slug in (NORTH, SOUTH, WEST):
        await structures.enter(work, a_structure(slug), now=NOW)
    for person_id in people_there or (CAMILLE, JO):
        await people.install(work, somebody(person_id))


def somebody(person_id: str) -> Person:
    """An invented person."""
    return Person(
        person_id=person_id,
        email=f"{person_id}@demo.example",
        given_name="Camille",
        family_name="Fictive",
        locale="fr",
        email_verified=True,
        created_at=NOW,
    )


def an_agreement(
    agreement_id: str = "",
    *,
    grantor: str = SOUTH,
    home: str = NORTH,
    clauses: Sequence[HalfDaysClause] = (SEATS,),
    period: Period | None = None,
    notice_days: int = 60,
) -> Agreement:
    """A proposal nobody has signed."""
    return Agreement(
        agreement_id=agreement_id or new_id("agreement"),
        grantor=grantor,
        home=home,
        clauses=tuple(clauses),
        period=period or Period(start=date(2026, 1, 1)),
        notice_days=notice_days,
    )


async def signed(work: Work, proposed: Agreement, *, now: datetime = NOW) -> Agreement:
    """An agreement proposed by its grantor and signed by its home."""
    await agreements.propose(work, proposed, by=proposed.grantor, now=now)
    return await agreements.sign(work, proposed.agreement_id, by=proposed.home, etag="", now=now)


def declared(
    membership_id: str,
    person_id: str = CAMILLE,
    *,
    kind: MembershipKind = MembershipKind.INCUBATED,
    start: str = "2026-09-01",
    end: str = "",
    version: int = 1,
    by: str = NORTH,
    at: datetime = NOW,
) -> Received:
    """A structure's fact: somebody is something to it."""
    message = declarations.MembershipDeclared(
        membership_id=membership_id,
        person_id=person_id,
        kind=declarations.MembershipKind.Value(f"MEMBERSHIP_KIND_{kind}"),
        period=PeriodMessage(start_date=start, end_date=end),
    )
    return arriving(message, membership_id, version=version, by=by, at=at)


def ended(
    membership_id: str,
    person_id: str = CAMILLE,
    *,
    last_day: str = "2026-11-03",
    version: int = 2,
    by: str = NORTH,
    at: datetime = NOW,
) -> Received:
    """A structure's fact: a membership is over."""
    message = declarations.MembershipEnded(membership_id=membership_id, person_id=person_id, end_date=last_day)
    return arriving(message, membership_id, version=version, by=by, at=at)


def granted(person_id: str, role: str, *, version: int = 1, by: str = NORTH, service: str = "incubator") -> Received:
    """A service's fact: its staff record gives a role."""
    message = declarations.StaffRoleGranted(person_id=person_id, role=options_pb2.Role.Value(f"ROLE_{role}"))
    return arriving(message, f"{person_id}.{role.lower()}", version=version, by=by, service=service)


def revoked(person_id: str, role: str, *, version: int = 2, by: str = NORTH, service: str = "incubator") -> Received:
    """A service's fact: its staff record no longer gives a role."""
    message = declarations.StaffRoleRevoked(person_id=person_id, role=options_pb2.Role.Value(f"ROLE_{role}"))
    return arriving(message, f"{person_id}.{role.lower()}", version=version, by=by, service=service)


def used(
    entitlement_id: str, usage_id: str = "", *, half_days: int = 1, day: str = "2026-11-03", by: str = SOUTH
) -> Received:
    """A coworking's fact: a right was used. The amount it claims is not believed."""
    usage_id = usage_id or new_id("usage")
    message = UsageRecorded(
        usage_id=usage_id, entitlement_id=entitlement_id, half_days=half_days, date=day, amount=Money(cents=999_999)
    )
    return arriving(message, usage_id, version=1, by=by, service="coworking")


def arriving(
    message: Message, aggregate_id: str, *, version: int, by: str, service: str = "incubator", at: datetime = NOW
) -> Received:
    """A fact as the groupement's account is told it."""
    kind = kind_of(message.DESCRIPTOR)
    return Received(
        id=new_id("fact"),
        type=kind.type,
        structure=by,
        kind=service,
        audience=kind.audience,
        aggregate_id=aggregate_id,
        version=version,
        time=at,
        body=json_format.MessageToJson(message).encode(),
        subject=f"{by}.{service}.{kind.audience}.{kind.noun}.{kind.verb}",
        stream=FEDERATION,
        stream_sequence=1,
        deliveries=1,
    )


class Ears:
    """The back door of shared-identity without a broker: what a subscriber does with each fact it is handed."""

    def __init__(self, database: Database, clock: Clock = lambda: NOW) -> None:
        self._intake = Intake(database, "shared_identity", Subscriptions(subscriptions(clock)), clock)

    async def hear(self, *facts: Received) -> None:
        """Takes facts in, one transaction each; raises what refuses one."""
        for fact in facts:
            await self._intake.take([fact])

    async def hear_until_all_is_said(self, facts: Iterable[Received]) -> None:
        """Takes facts in as they come; what is refused comes again after the others, as a redelivery does."""
        pending = list(facts)
        while pending:
            refused = [fact for fact in pending if not await self._takes(fact)]
            assert len(refused) < len(pending), "refused for ever"
            pending = refused

    async def _takes(self, fact: Received) -> bool:
        try:
            await self.hear(fact)
        except Refusal:
            return False
        return True


async def told(database: Database) -> list[Waiting]:
    """What waits in the outbox, oldest first."""
    async with database.reading() as work:
        return list(await waiting(work))


async def told_to(database: Database, structure: str) -> list[tuple[str, int, dict[str, Any]]]:
    """What one structure will be told: noun and verb, version, body."""
    facts = [it.fact for it in await told(database) if it.fact.to == structure]
    return [(f"{fact.kind.noun}.{fact.kind.verb}", fact.version, json.loads(fact.body)) for fact in facts]


def outcome(facts: Iterable[tuple[str, int, dict[str, Any]]]) -> dict[str, str]:
    """What a structure that heard these facts holds of each right: its period, or that it is closed."""
    held: dict[str, tuple[int, str]] = {}
    for name, version, body in facts:
        if name.startswith("entitlement."):
            said = "closed" if name == "entitlement.closed" else _days(body["period"])
            if version > held.get(body["entitlementId"], (0, ""))[0]:
                held[body["entitlementId"]] = (version, said)
    return {entitlement_id: said for entitlement_id, (_, said) in held.items()}


def _days(period: dict[str, str]) -> str:
    return f"{period['startDate']}..{period.get('endDate', '')}"
