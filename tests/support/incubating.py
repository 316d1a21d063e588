"""An incubator's beginnings, for tests: a programme, a cohort, applications; and what it announced."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from incubator.calls import usecases as calls
from incubator.calls.domain import Application, ApplicationWish
from incubator.programmes import usecases as programmes
from incubator.programmes.domain import Cohort, CohortWish, Programme, ProgrammeWish
from incubator.projects import usecases as projects
from incubator.projects.domain import Person, Project, ProjectWish
from servicekit.identifiers import new_id
from servicekit.origin import Origin
from servicekit.sql import Database, Work
from servicekit.sql.outbox import Waiting, waiting

INCUBATOR = Origin(structure="inter-made", kind="incubator")
NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
TODAY = date(2026, 11, 3)
CAMILLE = "person_01990000000070008000000000000004"
NOOR = "person_01990000000070008000000000000008"

STARTER = ProgrammeWish(
    name="Starter",
    description="Trois mois pour démarrer.",
    duration_months=3,
    stage_names=["Étude de marché", "Techniques de vente", "Statuts juridiques"],
)
AUTUMN = CohortWish(
    programme_id="",
    name="Starter, automne",
    starts_on=date(2026, 9, 1),
    ends_on=date(2026, 12, 1),
    capacity=5,
)
LES_FANES = ApplicationWish(
    programme_id="",
    applicant_name="Camille Fictive",
    email="camille@demo.example",
    phone="04 91 00 00 00",
    project_name="Les Fanes",
    pitch="Cuisiner ce que le marché jette.",
)


async def a_programme(work: Work, wish: ProgrammeWish = STARTER) -> Programme:
    """A programme with its stages."""
    return await programmes.create_programme(work, wish, programme_id=new_id("programme"))


async def a_cohort(work: Work, programme: Programme, *, capacity: int = 5, starts_on: date | None = None) -> Cohort:
    """A cohort of a programme."""
    wish = replace(
        AUTUMN,
        programme_id=programme.programme_id,
        capacity=capacity,
        starts_on=starts_on or AUTUMN.starts_on,
    )
    return await programmes.open_cohort(work, wish, cohort_id=new_id("cohort"))


async def an_application(
    work: Work, programme: Programme, *, person_id: str | None = None, now: datetime = NOW
) -> Application:
    """An application to a programme, of a person of its own unless one is given."""
    wish = replace(LES_FANES, programme_id=programme.programme_id)
    return await calls.send(
        work, wish, application_id=new_id("application"), person_id=person_id or new_id("person"), now=now
    )


async def a_project(work: Work, cohort: Cohort, *people: str, now: datetime = NOW, today: date = TODAY) -> Project:
    """A project in a cohort, carried by these people."""
    carriers = [Person(person_id=person, name="Camille Fictive", email="camille@demo.example") for person in people]
    wish = ProjectWish(
        cohort_id=cohort.cohort_id, name="Les Fanes", pitch="Cuisiner.", people=carriers or [_somebody()]
    )
    return await projects.begin(work, wish, project_id=new_id("project"), now=now, today=today)


async def seats(database: Database, cohort: Cohort) -> int:
    """How many seats of a cohort are taken, as another transaction sees it."""
    async with database.reading() as work:
        return (await programmes.cohort(work, cohort.cohort_id)).taken


async def announced(database: Database) -> Sequence[Waiting]:
    """The facts that wait for the bus, oldest first."""
    async with database.reading() as work:
        return await waiting(work)


async def verbs(database: Database) -> Counter[str]:
    """How often each kind of fact was announced: `membership_declared`."""
    return Counter(f"{told.fact.kind.noun}_{told.fact.kind.verb}" for told in await announced(database))


async def said(database: Database, verb: str) -> Sequence[dict[str, Any]]:
    """The bodies of the facts of one kind: `membership_declared`."""
    told = await announced(database)
    return [json.loads(each.fact.body) for each in told if f"{each.fact.kind.noun}_{each.fact.kind.verb}" == verb]


def _somebody() -> Person:
    return Person(person_id=new_id("person"), name="Noor Hypothèse", email="noor@demo.example")
