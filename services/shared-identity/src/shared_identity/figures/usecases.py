"""What is done for directors: counting, and telling what may be told."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from servicekit.sql import Work

from shared_identity.agreements import usecases as agreements
from shared_identity.agreements.entitlements import Used
from shared_identity.days import Period, day_of
from shared_identity.figures.counting import by_person, count, members_among
from shared_identity.figures.domain import Asked, Figures
from shared_identity.figures.telling import event_figures, month_figures
from shared_identity.memberships import usecases as memberships
from shared_identity.memberships.domain import Held
from shared_identity.outcomes.domain import Gathering
from shared_identity.outcomes.gatherings import gatherings
from shared_identity.structures import usecases as structures


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """What was read to be counted: of all structures, and of the reader's agreements."""

    stays: dict[str, Period]
    held: Sequence[Held]
    gatherings: Sequence[Gathering]
    usages: Sequence[Used]


async def read(work: Work, asked: Asked, reader: str) -> Counted:
    """What is to be counted, one query each."""
    found = await structures.groupement(work)
    return Counted(
        stays={structure.slug: structure.period for structure in found.structures},
        held=await memberships.held_between(work, asked.first, asked.last_day),
        gatherings=await gatherings(work, asked.first, asked.last_day),
        usages=await agreements.used_between(work, reader, f"{asked.first:%Y-%m}", f"{asked.last:%Y-%m}"),
    )


async def figures(counted: Counted, asked: Asked, reader: str, *, now: datetime) -> Figures:
    """What a reader's structure is told; counted beside the loop, for there may be many members."""
    return await asyncio.to_thread(_figures, counted, asked, reader, day_of(now))


def _figures(counted: Counted, asked: Asked, reader: str, today: date) -> Figures:
    months = asked.begun(today)
    counts = count([month.day for month in months], counted.held, counted.stays)
    held = by_person(counted.held)
    return Figures(
        months=[month_figures(month, of, counted.stays, reader) for month, of in zip(months, counts, strict=True)],
        usages=counted.usages,
        events=[
            event_figures(gathering, _members(gathering, held), counted.stays, reader)
            for gathering in counted.gatherings
        ],
    )


def _members(gathering: Gathering, held: Mapping[str, Sequence[Held]]) -> Mapping[str, int]:
    """Members among those who came, by structure, those who were forgotten since included."""
    return Counter(members_among(gathering.attended, held, gathering.day)) + Counter(gathering.unnamed)
