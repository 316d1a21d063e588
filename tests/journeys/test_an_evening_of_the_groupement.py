"""An evening that four organisers prepare, that more people want to come to than there are seats, held and counted.

Real processes, a real broker, a real browser; people act in the browser alone, and what time does is waited for,
shortened by configuration. Everybody in it is invented.
"""

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import crowd
import people
import preparing
import pytest
import pytest_asyncio
from crowd import Guest
from hearsay import each_heard_its_account_and_no_name
from journey import Journey, browser, eventually, standing
from listeners import Integration
from playwright.async_api import Browser, BrowserContext, Page, expect

PARIS = ZoneInfo("Europe/Paris")
SLUG, TITLE = "soiree-plus20", "#Plus20, la soirée"
LEAD, HOST, EAT, HOUSE = "Inter-Made", "La Ruche Marseille", "Se nourrir", "Se loger"
VENUE, INSURER = "La Friche la Belle de Mai", "MGEN"
DIRECTOR, ORGANISER = "nadia@demo.example", "ael@demo.example"
OF_VENUE, OF_INSURER, HOLDER = "dani@demo.example", "gaby@demo.example", "camille@demo.example"
SEATS, FOR_MEMBERS, TRYING = 150, 10, 200
OFFER_SECONDS = 20
OFFER = "Une place se libère"
SECONDS = 30

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Scene:
    """The house, the browser, who listens to the bus; then the event's address and what became of the crowd."""

    journey: Journey
    browser: Browser
    listeners: Sequence[Integration]
    event: str = ""
    event_id: str = ""
    seated: list[Guest] = field(default_factory=list)
    waiting: list[Guest] = field(default_factory=list)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """A house with its demo, offers that last seconds, an integration in every account."""
    keys = (("inter-made", "gazette"), ("la-ruche", "essaim"), ("groupement", "observatoire"))
    with pytest.MonkeyPatch.context() as surroundings:
        surroundings.setenv("GROUPEMENT_OFFER_SECONDS", str(OFFER_SECONDS))
        surroundings.setenv("GROUPEMENT_MOST_HOLDS", "1000")
        folder = tmp_path_factory.mktemp("evening")
        async with standing(folder / "home", integrations=keys) as journey, browser() as opened:
            listeners = [journey.integration(account, name) for account, name in keys]
            for listener in listeners:
                await listener.start()
            yield Scene(journey, opened, listeners)
            for listener in listeners:
                await listener.stop()


async def test_an_evening_of_the_groupement(scene: Scene) -> None:
    journey, opened = scene.journey, scene.browser
    async with people.somebody(opened, journey) as nadia, people.somebody(opened, journey) as ael:
        await people.sign_in_by_password(nadia, journey, DIRECTOR)
        await people.sign_in_by_password(ael, journey, ORGANISER)
        await four_organisers_prepare(scene, nadia, ael)
        await more_people_try_than_there_are_seats(scene)
        await a_freed_seat_goes_down_the_list(scene)
        await a_project_holder_picks_a_workshop(scene)
        await each_organiser_sees_its_own_by_name(scene, nadia, ael)
        came = await two_phones_agree(scene, nadia)
        await contributions_are_noted(scene, ael)
        await the_evening_is_over_and_adds_up(scene, nadia, came)
    names = [*(guest.family_name for guest in (*scene.seated, *scene.waiting)), "Fictive", "@demo.example", "Exemple"]
    await each_heard_its_account_and_no_name(journey, scene.listeners, names, seconds=SECONDS)
    the_bus_said_who_needs_to_know(scene)


async def four_organisers_prepare(scene: Scene, nadia: Page, ael: Page) -> None:
    """Two structures edit the event, two partners read and approve: each through an account of its own."""
    start = tomorrow(18)
    scene.event = await preparing.draft(
        nadia, "inter-made", title=TITLE, slug=SLUG, start=start, end=start + timedelta(hours=5)
    )
    scene.event_id = scene.event.rpartition("/")[2]
    await preparing.add_structure(nadia, scene.event, HOST, part="Porte l'événement", access="Gère l'événement")
    for partner, part in ((VENUE, "Accueille"), (INSURER, "Co-organise")):
        await preparing.add_partner(nadia, scene.event, partner, part=part, access="Voit ses inscrits")
    for email, partner in ((OF_VENUE, VENUE), (OF_INSURER, INSURER)):
        await preparing.delegate(nadia, scene.event, email, to=partner, access="Voit ses inscrits")
    await la_ruche_writes_the_programme(scene, ael, start)
    await preparing.set_seats(nadia, scene.event, seats=SEATS + FOR_MEMBERS, workshops={HOUSE: 60, EAT: 40})
    await preparing.allocate(nadia, scene.event, LEAD, seats=FOR_MEMBERS)
    await preparing.propose_arrangement(
        nadia,
        scene.event,
        outline="Quatre organisateurs, chacun ne voit que les siens.",
        duty="Informer",
        organiser=LEAD,
    )
    await preparing.approve_arrangement(ael, at(scene, "la-ruche"), HOST)
    for email, partner in ((OF_VENUE, VENUE), (OF_INSURER, INSURER)):
        async with people.somebody(scene.browser, scene.journey) as their:
            await people.sign_in_by_password(their, scene.journey, email)
            await preparing.approve_arrangement(their, at(scene), partner)
    await preparing.publish(nadia, scene.event)


async def la_ruche_writes_the_programme(scene: Scene, ael: Page, start: datetime) -> None:
    event = at(scene, "la-ruche")
    for rank, challenge in enumerate((HOUSE, EAT)):
        await preparing.add_challenge(ael, event, challenge, rank=rank)
    hour = timedelta(hours=1)
    await preparing.add_session(ael, event, "Plénière", kind="Plénière", start=start, end=start + hour)
    for challenge in (HOUSE, EAT):
        await preparing.add_session(
            ael, event, challenge, kind="Atelier", start=start + hour, end=start + 2 * hour, challenge=challenge
        )


async def more_people_try_than_there_are_seats(scene: Scene) -> None:
    """Exactly as many have a seat as there are; the others wait, each at a place of their own, none left out."""
    ends = await crowd.all_try(scene.journey, SLUG, crowd.guests(TRYING))
    scene.seated = [guest for guest, path in ends.items() if path.endswith("/inscrit")]
    waiting = [guest for guest, path in ends.items() if path.endswith("/en-attente")]
    assert (len(scene.seated), len(waiting)) == (SEATS, TRYING - SEATS)
    places = await crowd.where_all_stand(scene.journey, waiting)
    assert sorted(places.values()) == list(range(1, TRYING - SEATS + 1))
    scene.waiting = sorted(waiting, key=lambda guest: places[guest])


async def a_freed_seat_goes_down_the_list(scene: Scene) -> None:
    """One gives a seat back; the first is offered it by mail and lets it lapse; the second takes it."""
    leaving, (first, second, *_) = scene.seated[0], scene.waiting
    async with people.somebody(scene.browser, scene.journey) as page:
        await page.goto(await ticket_of(scene, leaving))
        await page.get_by_role("link", name="Rendre la place").click()
        await preparing.press(page, "Rendre ma place")
        await the_offer_comes(scene, page, first)
        await the_offer_comes(scene, page, second)
        await page.get_by_role("button", name="Je prends la place").click()
        await expect(page.get_by_text("Inscription confirmée")).to_be_visible()
        await page.goto(await ticket_of(scene, first))
        await expect(page.get_by_role("button", name="Je reviens sur la liste")).to_be_visible()
    scene.seated = [*scene.seated[1:], second]
    scene.waiting = scene.waiting[2:]


async def the_offer_comes(scene: Scene, page: Page, guest: Guest) -> None:
    """By mail, then on the page behind its link."""
    await eventually(
        lambda: scene.journey.mailed_to(guest.email, containing=OFFER),
        seconds=OFFER_SECONDS + SECONDS,
        what=f"an offer to {guest.email}",
    )
    await page.goto(await ticket_of(scene, guest))
    await expect(page.get_by_role("heading", name="Une place s'est libérée pour vous")).to_be_visible()


async def a_project_holder_picks_a_workshop(scene: Scene) -> None:
    """The open seats are gone; her structure kept some for its members."""
    async with people.somebody(scene.browser, scene.journey) as camille:
        await people.sign_in_by_password(camille, scene.journey, HOLDER)
        await camille.goto(f"/evenements/{SLUG}")
        await camille.get_by_label(EAT).check()
        await camille.locator("#inscription").get_by_role("button").click()
        await expect(camille.get_by_text("Inscription confirmée")).to_be_visible()
        await camille.goto("/mes-billets")
        await expect(camille.get_by_text(TITLE).first).to_be_visible()


async def each_organiser_sees_its_own_by_name(scene: Scene, nadia: Page, ael: Page) -> None:
    """Inter-Made reads its member's name and counts of the rest; La Ruche, whose member she is not, counts only."""
    await nadia.goto(f"{scene.event}/inscrits")
    await expect(nadia.get_by_text("Camille Fictive").first).to_be_visible()
    await expect(nadia.get_by_text(f"{SEATS} autres personnes, comptées seulement")).to_be_visible()
    await ael.goto(f"{at(scene, 'la-ruche')}/inscrits")
    await expect(ael.get_by_text(f"{SEATS + 1} autres personnes, comptées seulement")).to_be_visible()
    for page in (nadia, ael):
        assert "Inventée" not in await page.content()
    assert "Fictive" not in await ael.content()


async def two_phones_agree(scene: Scene, nadia: Page) -> int:
    """One is with the network, the other without for a while, reloaded meanwhile; gives how many came."""
    one, another, *_ = tickets = [await code_of(scene, guest) for guest in scene.seated[:5]]
    async with people.somebody(scene.browser, scene.journey) as dani:
        await people.sign_in_by_password(dani, scene.journey, OF_VENUE)
        phones = (nadia, dani)
        for phone in phones:
            await phone.goto(f"/porte/{scene.event_id}")
            await expect(phone.locator("[data-door][data-kept=yes]")).to_be_visible(timeout=SECONDS * 1000)
            await expect(phone.locator("[data-part=list]")).to_contain_text("Liste du")
            await expect(phone.locator("[data-part=expected]")).to_have_text(str(SEATS + 1))
        await alone(dani.context, True)
        for code in tickets[:3]:
            await show(nadia, code)
        for code in tickets[2:]:
            await show(dani, code)
        await dani.reload()
        await expect(dani.locator("[data-part=waiting]")).to_contain_text("3")
        await alone(dani.context, False)
        for phone in phones:
            await expect(phone.locator("[data-part=present]")).to_have_text("5", timeout=SECONDS * 1000)
    assert one != another
    return len(tickets)


async def show(phone: Page, code: str) -> None:
    """Type a ticket's code at the door."""
    await phone.locator("#q").fill(code)
    await phone.locator("#q").press("Enter")
    await expect(phone.locator("[data-part=result].ok")).to_be_visible()


async def alone(phone: BrowserContext, cut: bool) -> None:
    await phone.set_offline(cut)


async def contributions_are_noted(scene: Scene, ael: Page) -> None:
    for kind, title in (("Innovation", "Une cantine partagée"), ("Initiative", "Un marché qui existe")):
        await preparing.note_contribution(ael, at(scene, "la-ruche"), challenge=EAT, kind=kind, title=title, owner=HOST)


async def the_evening_is_over_and_adds_up(scene: Scene, nadia: Page, came: int) -> None:
    """The evening is moved to yesterday, so that it is over; the report and the director's figures agree."""
    then, hour = tomorrow(18) - timedelta(days=2), timedelta(hours=1)
    await preparing.move(nadia, scene.event, start=then, end=tomorrow(23))
    await preparing.move_session(nadia, scene.event, "Plénière", start=then, end=then + hour)
    for title in (HOUSE, EAT):
        await preparing.move_session(nadia, scene.event, title, start=then + hour, end=then + 2 * hour)
    await preparing.move(nadia, scene.event, start=then, end=then + 5 * hour)
    await preparing.close(nadia, scene.event)
    await nadia.goto(f"{scene.event}/bilan")
    await expect(nadia.locator(".stats")).to_contain_text(re.compile(rf"{came}\s*venus"))
    await expect(nadia.locator(".stats")).to_contain_text(re.compile(rf"{SEATS + 1}\s*inscrits avec une place"))
    await expect(nadia.get_by_role("row", name=re.compile(EAT)).last).to_contain_text("2")
    await nadia.goto("/direction")
    await expect(nadia.get_by_role("row", name=re.compile(re.escape(TITLE))).first).to_contain_text(str(SEATS + 1))


def the_bus_said_who_needs_to_know(scene: Scene) -> None:
    """Everybody heard that the evening was announced; only her structure heard that a member registered."""
    at_lead, at_host, _ = (
        {fact.subject for fact in listener.heard if scene.event_id in fact.body} for listener in scene.listeners
    )
    announced = "groupement.shared_identity.all.joint_event.published"
    assert announced in at_lead
    assert announced in at_host
    assert "groupement.shared_identity.to.inter-made.registration.confirmed" in at_lead
    assert not [subject for subject in at_host if "registration" in subject]


def at(scene: Scene, structure: str = "") -> str:
    """The event's pages as a structure's team opens them, or a partner's delegates."""
    team = f"/equipe/{structure}" if structure else "/organiser"
    return f"{team}/evenements/{scene.event_id}"


async def ticket_of(scene: Scene, guest: Guest) -> str:
    return await scene.journey.link_mailed_to(guest.email, containing="/billet?", seconds=SECONDS)


async def code_of(scene: Scene, guest: Guest) -> str:
    return parse_qs(urlsplit(await ticket_of(scene, guest)).query)["code"][0]


def tomorrow(hour: int) -> datetime:
    day = datetime.now(UTC).astimezone(PARIS) + timedelta(days=1)
    return day.replace(hour=hour, minute=0, second=0, microsecond=0)
