"""What came out of an event: captured by challenge, owned by an organiser, followed up."""

from groupement.shared_identity.v1.outcome_service_pb2 import (
    CONTRIBUTION_KIND_UNSPECIFIED,
    CONTRIBUTION_STATE_UNSPECIFIED,
    CaptureContributionRequest,
    Contribution,
    ContributionKind,
    ContributionState,
    ListContributionsRequest,
    UpdateContributionRequest,
)
from starlette.responses import Response

from portal.forms import Form
from portal.i18n import N_
from portal.pages.organising.desk import DOOR, OWN, Desk, PartIsGone, desk_of
from portal.pages.organising.moments import one_of
from portal.visit import Visit

_TO = "/contributions"
_MEANINGS = {
    "1": N_("Quelque chose de neuf."),
    "2": N_("Cela se fait déjà quelque part : on peut s'y appuyer."),
    "3": N_("Il manque quelque chose."),
}
_KINDS = [value for value in ContributionKind.values() if value]
_STATES = [value for value in ContributionState.values() if value]


async def show(visit: Visit) -> Response:
    """`GET .../{event}/contributions?defi=&genre=`"""
    desk = await desk_of(visit, DOOR)
    values = {"challenge_id": visit.query("defi"), "kind": "", "title": "", "text": "", "carrier": ""}
    return await _list_page(desk, Form(values=values | {"owner_organiser_id": ""}), 200)


async def capture(visit: Visit) -> Response:
    """`POST .../{event}/contributions`"""
    form = await visit.form()
    desk = await desk_of(visit, DOOR)

    async def act() -> Response:
        wish = CaptureContributionRequest(
            event_id=desk.event.event_id, contribution=_typed(form), request_id=form.request_id
        )
        made = await desk.ask(desk.identity.outcomes.CaptureContribution, wish)
        say = visit.language.say("« %(title)s » est notée.", title=made.contribution.title)
        return visit.redirect(f"{desk.base}{_TO}?defi={made.contribution.challenge_id}#contribution", say=say)

    async def again(shown: Form, status: int) -> Response:
        return await _list_page(desk, shown, status)

    return await visit.submit(form, act, again)


async def show_one(visit: Visit) -> Response:
    """`GET .../{event}/contributions/{contribution}`"""
    desk = await desk_of(visit, OWN)
    found = await _one(desk)
    values = {
        "etag": found.etag,
        "challenge_id": found.challenge_id,
        "kind": str(found.kind),
        "title": found.title,
        "text": found.text,
        "carrier": found.carrier,
        "owner_organiser_id": found.owner_organiser_id,
        "state": str(found.state),
    }
    return await _one_page(desk, found, Form(values=values), 200)


async def update(visit: Visit) -> Response:
    """`POST .../{event}/contributions/{contribution}`"""
    form = await visit.form()
    desk = await desk_of(visit, OWN)
    before = await _one(desk)

    async def do() -> str:
        changed = _typed(form)
        changed.contribution_id = before.contribution_id
        changed.etag = form.value("etag")
        changed.state = one_of(_STATES, form.value("state"), CONTRIBUTION_STATE_UNSPECIFIED)
        wish = UpdateContributionRequest(event_id=desk.event.event_id, contribution=changed, request_id=form.request_id)
        await desk.ask(desk.identity.outcomes.UpdateContribution, wish)
        return visit.language.say("« %(title)s » est enregistrée.", title=changed.title)

    async def again(shown: Form, status: int) -> Response:
        return await _one_page(desk, before, shown, status)

    return await desk.carry_out(form, do, again, to=_TO)


def _typed(form: Form) -> Contribution:
    return Contribution(
        challenge_id=form.value("challenge_id"),
        kind=one_of(_KINDS, form.value("kind"), CONTRIBUTION_KIND_UNSPECIFIED),
        title=form.value("title"),
        text=form.value("text"),
        carrier=form.value("carrier"),
        owner_organiser_id=form.value("owner_organiser_id"),
    )


def _kinds(desk: Desk) -> list[tuple[str, str, str]]:
    say = desk.visit.language.say
    return [(value, text, say(_MEANINGS[value])) for value, text in desk.choices("contribution_kind", _KINDS)]


def _challenges(desk: Desk) -> list[tuple[str, str]]:
    return [(each.challenge_id, each.title) for each in desk.event.challenges]


async def _all(desk: Desk) -> list[Contribution]:
    """Every contribution: there are some dozens an evening."""
    found: list[Contribution] = []
    token = ""
    while True:
        wish = ListContributionsRequest(event_id=desk.event.event_id, page_size=200, page_token=token)
        page = await desk.ask(desk.identity.outcomes.ListContributions, wish)
        found += page.contributions
        token = page.next_page_token
        if not token:
            return found


async def _one(desk: Desk) -> Contribution:
    asked = desk.visit.path("contribution")
    for each in await _all(desk):
        if each.contribution_id == asked:
            return each
    raise PartIsGone


async def _list_page(desk: Desk, form: Form, status: int) -> Response:
    every = await _all(desk)
    challenge, kind = desk.visit.query("defi"), desk.visit.query("genre")
    tabs = [
        (c.challenge_id, c.title, sum(each.challenge_id == c.challenge_id for each in every))
        for c in desk.event.challenges
    ]
    shown = [each for each in every if challenge in ("", each.challenge_id) and kind in ("", str(each.kind))]
    return await desk.page(
        "contributions.html",
        tab="contributions",
        status=status,
        form=form,
        contributions=shown,
        total=len(every),
        tabs=tabs,
        challenge=challenge,
        kind=kind,
        kinds=_kinds(desk),
        challenges=_challenges(desk),
        owners=desk.organisers(),
        challenge_titles=dict(_challenges(desk)),
    )


async def _one_page(desk: Desk, contribution: Contribution, form: Form, status: int) -> Response:
    return await desk.page(
        "contribution.html",
        tab="contributions",
        status=status,
        form=form,
        contribution=contribution,
        kinds=_kinds(desk),
        challenges=_challenges(desk),
        owners=desk.organisers(),
        states=[(value, text, "") for value, text in desk.choices("contribution_state", _STATES)],
    )
