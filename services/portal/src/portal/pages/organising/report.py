"""An event in numbers: who came, by organiser without double counting, by session, by profile; what came out of it."""

from groupement.shared_identity.v1.outcome_service_pb2 import (
    ClosingReport,
    ContributionKind,
    GetClosingReportRequest,
    HiddenCount,
)
from starlette.responses import Response

from portal.pages.organising.desk import OWN, Desk, desk_of
from portal.visit import Visit
from portal.words import word

Number = int | None
"""None where a number is hidden: it is written "masqué"."""


async def show(visit: Visit) -> Response:
    """`GET .../{event}/bilan`"""
    desk = await desk_of(visit, OWN)
    wish = GetClosingReportRequest(event_id=desk.event.event_id)
    report = (await desk.ask(desk.identity.outcomes.GetClosingReport, wish)).report
    return await desk.page(
        "report.html",
        tab="bilan",
        report=report,
        came=[(desk.organiser(each.organiser_id).name, told(each.attended)) for each in report.organisers],
        had_seats=[(desk.organiser(each.organiser_id).name, told(each.registered)) for each in report.organisers],
        shared=told(report.shared),
        nobodys=told(report.nobodys),
        profiles=_profiles(desk, report),
        sessions=_sessions(desk, report),
        contributions=_contributions(desk, report),
        contribution_bars=[(title, total) for title, _, total in _contributions(desk, report)],
        kind_heads=[(text, "number") for _, text in desk.choices("contribution_kind", ContributionKind.values())],
        hides=_hides(report),
    )


def told(count: HiddenCount) -> Number:
    """The number, None when it is hidden."""
    return None if count.hidden else count.value


def _profiles(desk: Desk, report: ClosingReport) -> list[tuple[str, Number]]:
    say = desk.visit.language.say
    return [(say(word("registrant_profile", each.profile)), told(each.attended)) for each in report.profiles]


def _sessions(desk: Desk, report: ClosingReport) -> list[tuple[str, int, int, int]]:
    titles = {each.session_id: each.title for each in desk.event.sessions}
    return [(titles.get(each.session_id, ""), each.size, each.registered, each.attended) for each in report.sessions]


def _contributions(desk: Desk, report: ClosingReport) -> list[tuple[str, dict[int, int], int]]:
    """For each challenge, how many of each kind and in all."""
    found = []
    for challenge in desk.event.challenges:
        kinds = {e.kind: e.contributions for e in report.challenges if e.challenge_id == challenge.challenge_id}
        by_kind = {int(kind): kinds.get(kind, 0) for kind in ContributionKind.values() if kind}
        found.append((challenge.title, by_kind, sum(by_kind.values())))
    return found


def _hides(report: ClosingReport) -> bool:
    """Whether any number of the report is hidden, which the page then explains."""
    people = [each for o in report.organisers for each in (o.registered, o.attended)]
    people += [each for p in report.profiles for each in (p.registered, p.attended)]
    return any(each.hidden for each in (*people, report.shared, report.nobodys))
