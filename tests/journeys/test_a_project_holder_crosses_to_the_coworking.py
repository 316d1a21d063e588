"""A project holder is admitted at one structure and works at the other, on her right, while the rest comes and goes.

Real processes, a real broker, a real browser. Everybody in it is invented.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import people
import pytest
import pytest_asyncio
from groupement.coworking.v1 import check_in_service_pb2, check_in_service_pb2_grpc
from hearsay import each_heard_its_account_and_no_name
from journey import OPEN_ALL_NIGHT, PLACE_ID, Journey, browser, eventually, standing
from listeners import Integration
from playwright.async_api import Browser, Page, expect
from servicekit.origin import Origin
from servicekit.pki import Tls
from servicekit.refusals import Conflict
from servicekit.rpc.channels import channel

HOLDER = "ines.temoin@demo.example"
ADVISOR, DIRECTOR = "alix@demo.example", "nadia@demo.example"
PROJECT, COHORT = "Le Fil invisible", "Starter"
PLACE, SEAT = "Le village de nuit", "Table de nuit"
PARIS = ZoneInfo("Europe/Paris")
SECONDS = 40

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass
class Scene:
    """The house, the browser, and two who listen to the bus meanwhile."""

    journey: Journey
    browser: Browser
    at_home: Integration
    at_groupement: Integration


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Scene]:
    """A house with its demo and one more place; both integrations listen from the beginning."""
    folder = tmp_path_factory.mktemp("house")
    keys = (("inter-made", "gazette"), ("groupement", "observatoire"))
    async with standing(folder / "home", integrations=keys) as journey, browser() as opened:
        await journey.load("coworking@la-ruche", OPEN_ALL_NIGHT)
        listeners = [journey.integration(account, name) for account, name in keys]
        for listener in listeners:
            await listener.start()
        yield Scene(journey, opened, *listeners)
        for listener in listeners:
            await listener.stop()


async def test_a_project_holder_crosses_to_the_coworking(scene: Scene) -> None:
    journey = scene.journey
    async with people.somebody(scene.browser, journey) as her, people.somebody(scene.browser, journey) as advisor:
        await she_applies(her, journey)
        await people.sign_in_by_password(advisor, journey, ADVISOR)
        await people.admit(advisor, "inter-made", project=PROJECT, cohort=COHORT)
        await she_finds_her_card_and_her_right(her, left=8)
        await she_books_a_seat(her)
        card = await her.get_by_label("Code de la carte").input_value()
        await the_door_opens_without_shared_identity(journey, card)
        await nothing_is_missing_when_it_is_back(her, journey)
        await her_home_sees_counts_and_no_booking(scene)
        await people.record_exit(advisor, "inter-made", cohort=COHORT, project=PROJECT, reason="Parcours achevé")
        await her_right_is_gone(her)
    await each_integration_heard_its_account_and_no_name(scene)


async def she_applies(her: Page, journey: Journey) -> None:
    """She makes herself known, signs in by e-mail link and sends her project."""
    await people.register(her, journey, given_name="Inès", family_name="Témoin", email=HOLDER)
    await her.goto("/")
    await people.sign_in_by_link(her, journey, HOLDER)
    await people.apply(
        her, "Starter", project=PROJECT, pitch="Un atelier de reprise de vêtements, inventé pour l'essai."
    )
    await her.goto("/tableau-de-bord")
    await expect(her.get_by_text(PROJECT).first).to_be_visible()


async def she_finds_her_card_and_her_right(her: Page, *, left: int) -> None:
    """Within seconds of her admission, the other structure holds her right; her card is there."""
    await on_her_dashboard(her, f"{left}sur 8")
    await expect(her.get_by_label("Code de la carte")).not_to_have_value("")
    await expect(her.get_by_text("Projet accompagné").first).to_be_visible()


async def she_books_a_seat(her: Page) -> None:
    """She books the quarter of an hour that comes next, on her right."""
    start, end = next_quarters(datetime.now(UTC).astimezone(PARIS))
    await people.book(her, PLACE, SEAT, start=start, end=end)
    await her.goto("/tableau-de-bord")
    await expect(her.get_by_text("sur mon droit, 1 demi-journée").first).to_be_visible()


async def the_door_opens_without_shared_identity(journey: Journey, card: str) -> None:
    """Shared-identity is killed; the door, a device of its structure, lets her in all the same, and once."""
    shared = journey.process("shared-identity@groupement")
    shared.kill()
    await shared.wait()
    tls = Tls.of(journey.home.pki, Origin(structure="la-ruche", kind="door"))
    target = Origin(structure="la-ruche", kind="coworking")
    async with channel(journey.address("coworking@la-ruche"), target, tls) as door:
        stub = check_in_service_pb2_grpc.CheckInServiceStub(door)
        shown = check_in_service_pb2.CheckInByCardRequest(card_code=card, place_id=PLACE_ID)
        first = await stub.CheckInByCard(shown)
        again = await stub.CheckInByCard(shown)
        assert first.check_in.half_days == 1
        assert again.check_in.check_in_id == first.check_in.check_in_id
        with pytest.raises(Conflict):
            elsewhere = "place_01990000000070008000000100000001"
            await stub.CheckInByCard(check_in_service_pb2.CheckInByCardRequest(card_code=card, place_id=elsewhere))


async def nothing_is_missing_when_it_is_back(her: Page, journey: Journey) -> None:
    """It comes back by itself, with all it knew; she is still signed in."""
    await journey.process("shared-identity@groupement").start()

    async def all_there() -> bool:
        await her.goto("/tableau-de-bord")
        return (
            await her.get_by_label("Code de la carte").count() > 0 and await her.locator("[data-silent]").count() == 0
        )

    await eventually(all_there, seconds=SECONDS, what="her dashboard, whole again")
    await expect(her.locator(".right", has_text="7sur 8")).to_be_visible()
    await expect(her.get_by_text("Arrivée")).to_be_visible()
    await expect(her.get_by_text("Projet accompagné").first).to_be_visible()


async def her_home_sees_counts_and_no_booking(scene: Scene) -> None:
    """The director of her structure reads how many half-days were used, and nothing of when, where or what for."""
    async with people.somebody(scene.browser, scene.journey) as director:
        await people.sign_in_by_password(director, scene.journey, DIRECTOR)

        async def counted() -> bool:
            await director.goto("/equipe/inter-made/usages")
            return await director.locator("td[data-label='Demi-journées']", has_text="1").count() > 0

        await eventually(counted, seconds=SECONDS, what="the count of usages at her home")
        said = await director.content()
        assert SEAT not in said
        assert PLACE not in said
        assert "booking_" not in said


async def her_right_is_gone(her: Page) -> None:
    """Within seconds of her exit."""

    async def gone() -> bool:
        await her.goto("/tableau-de-bord")
        return await her.get_by_text("Aucun droit ouvert").count() > 0

    await eventually(gone, seconds=SECONDS, what="the end of her right")


async def on_her_dashboard(her: Page, text: str) -> None:
    async def shown() -> bool:
        await her.goto("/tableau-de-bord")
        return await her.locator(".right", has_text=text).count() > 0

    await eventually(shown, seconds=SECONDS, what=f"{text!r} on her dashboard")


async def each_integration_heard_its_account_and_no_name(scene: Scene) -> None:
    """All of its account's facts, each once and in order; nothing of the other structure's own; not one name."""
    names = ("Inès", "Témoin", "temoin", "@demo.example", "Fil invisible", "Exemple", "Fictive", "Alix", "Nadia")
    listeners = (scene.at_home, scene.at_groupement)
    await each_heard_its_account_and_no_name(scene.journey, listeners, names, seconds=SECONDS)
    for listener in listeners:
        assert not [fact.subject for fact in listener.heard if fact.subject.startswith("la-ruche.coworking.own")]
    assert {fact.subject for fact in scene.at_home.heard} >= {
        "inter-made.incubator.shared.membership.declared",
        "inter-made.incubator.shared.membership.ended",
        "inter-made.incubator.own.application.admitted",
    }
    assert not [fact for fact in scene.at_home.heard if fact.subject.startswith("la-ruche")]
    assert {fact.subject for fact in scene.at_groupement.heard} >= {
        "groupement.shared_identity.to.la-ruche.entitlement.opened",
        "groupement.shared_identity.to.la-ruche.entitlement.closed",
        "la-ruche.coworking.shared.usage.recorded",
    }


def next_quarters(now: datetime) -> tuple[datetime, datetime]:
    """Half an hour from the next quarter on; the last quarter of a day gives way to the first of the next."""
    quarter = timedelta(minutes=15)
    start = now.replace(minute=0, second=0, microsecond=0) + quarter * (now.minute // 15 + 1)
    midnight = datetime.combine(start.date() + timedelta(days=1), time(0), PARIS)
    if start + quarter == midnight:
        start = midnight
    end = start + 2 * quarter
    return start, end if end != midnight else start + quarter


def test_the_quarters_booked_lie_within_one_day() -> None:
    for minute in range(24 * 60):
        start, end = next_quarters(datetime(2026, 11, 23, minute // 60, minute % 60, tzinfo=PARIS))
        assert start < end
        assert start.date() == end.date()
