"""Usages counted between structures, month by month: counts, never the bookings behind them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from groupement.shared_identity.v1.agreement_pb2 import UsageCount
from groupement.shared_identity.v1.agreement_service_pb2 import ListUsageCountsRequest
from groupement.type.v1.money_pb2 import Money
from starlette.responses import Response

from portal.pages.team import MOST, SEES_USAGES, team_member
from portal.visit import Visit

_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")
_DECEMBER = 12


@dataclass(frozen=True, kw_only=True)
class Side:
    """The counts of one direction and their sum."""

    counts: tuple[UsageCount, ...]
    half_days: int
    amount: Money


async def show(visit: Visit) -> Response:
    """`GET /equipe/{structure}/usages?mois=`"""
    house, _ = await team_member(visit, SEES_USAGES)
    this_month = month_of(visit.today())
    month = visit.query("mois") if _MONTH.fullmatch(visit.query("mois")) else this_month
    found = await visit.ask(
        visit.backends.identity.agreements.ListUsageCounts,
        ListUsageCountsRequest(month=month, page_size=MOST),
        structure=house.slug,
    )
    return await visit.page(
        "usages.html",
        house=house,
        month=month,
        before=neighbour(month, -1),
        after=neighbour(month, 1) if month < this_month else "",
        granted=side(each for each in found.usage_counts if each.grantor == house.slug),
        received=side(each for each in found.usage_counts if each.home == house.slug),
    )


def side(counts: Iterable[UsageCount]) -> Side:
    """The counts of one direction with their sum, to the cent."""
    counts = tuple(counts)
    currency = counts[0].amount.currency_code if counts else "EUR"
    total = Money(cents=sum(each.amount.cents for each in counts), currency_code=currency)
    return Side(counts=counts, half_days=sum(each.half_days for each in counts), amount=total)


def month_of(day: date) -> str:
    """ "2026-11"."""
    return f"{day:%Y-%m}"


def neighbour(month: str, step: int) -> str:
    """The month before (-1) or after (1)."""
    year, number = int(month[:4]), int(month[5:]) + step
    if number == 0:
        return f"{year - 1}-12"
    return f"{year + 1}-01" if number > _DECEMBER else f"{year}-{number:02}"
