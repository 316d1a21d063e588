"""A team's pages: its members, its agreements, its roles, the director's figures; each opens to whom it is for."""

import re
from datetime import date, timedelta

import pytest
from journey import Journey
from visitor import Page, ShownForm, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

LA_RUCHE, INTER_MADE = "la-ruche", "inter-made"
_STAT = re.compile(r'data-house="([\w-]+)"><p class="value[^"]*">([^<]+)</p>')
_TEAM = ("membres", "conventions", "annuaire", "roles", "evenements", "usages")


def count_of(page: Page, tab: str) -> int:
    """The number that stands beside a tab."""
    found = re.search(rf'id="etat-{tab}"[^>]*>[^<]*<span class="count">(\d+)', page.text)
    assert found, page.text
    return int(found[1])


def names(page: Page) -> list[str]:
    """The heads of the rows of a page's table."""
    return re.findall(r'<th role="rowheader" scope="row">([^<]+)</th>', page.text)


async def test_a_structure_sees_its_own_members_by_name(nadia: Visitor) -> None:
    ours = await nadia.open(f"/equipe/{INTER_MADE}/membres")
    theirs = await nadia.open(f"/equipe/{LA_RUCHE}/membres")
    assert "Camille Fictive" in names(ours)
    assert "Jo Inventé" not in names(ours)
    assert "Jo Inventé" in names(theirs)
    assert count_of(ours, "tous") == len(names(ours))


async def test_tabs_and_qualities_leave_what_they_count(nadia: Visitor) -> None:
    page = await nadia.open(f"/equipe/{INTER_MADE}/membres?etat=terminees")
    ended = page.text.count('<tr role="row">') - 1
    assert count_of(page, "terminees") == ended
    assert ended > 0
    none = await nadia.open(f"/equipe/{INTER_MADE}/membres?qualite=volunteer")
    assert names(none) == []
    assert count_of(none, "tous") == 0


async def test_another_team_has_no_way_in(camille: Visitor, visitor: Visitor) -> None:
    for page in _TEAM:
        assert (await camille.open(f"/equipe/{LA_RUCHE}/{page}")).status == 403
    assert (await camille.open("/direction")).status == 403
    assert (await camille.open("/direction/membres.csv")).status == 403


async def test_a_role_opens_its_own_pages_only(sam: Visitor) -> None:
    hub = await sam.open(f"/equipe/{LA_RUCHE}")
    assert f'href="/equipe/{LA_RUCHE}/membres"' in hub.text
    assert f'href="/equipe/{LA_RUCHE}/roles"' not in hub.text
    assert "/direction" not in hub.text
    assert (await sam.open(f"/equipe/{LA_RUCHE}/roles")).status == 403
    assert (await sam.open("/direction")).status == 403


async def test_every_page_of_the_hub_opens(nadia: Visitor) -> None:
    for slug in (INTER_MADE, LA_RUCHE):
        hub = await nadia.open(f"/equipe/{slug}")
        ways = re.findall(r'<li class="team-way"><a class="cover" href="([^"]+)"', hub.text)
        assert len(ways) == 7
        for way in ways:
            assert (await nadia.open(way)).status == 200, way


async def test_the_record_of_each_service_says_who_may_do_what(nadia: Visitor) -> None:
    page = await nadia.open(f"/equipe/{INTER_MADE}/roles")
    assert "Incubateur" in page.text
    assert "Coworking" in page.text
    assert "Nadia Exemple" in names(page)


async def test_the_directors_numbers_are_those_of_the_lists(nadia: Visitor) -> None:
    for slug, other in ((INTER_MADE, LA_RUCHE), (LA_RUCHE, INTER_MADE)):
        page = await nadia.open(f"/direction?structure={slug}")
        told = dict(_STAT.findall(page.text))
        members = await nadia.open(f"/equipe/{slug}/membres")
        assert int(told[slug]) == len(set(names(members)))
        assert f'href="/equipe/{slug}/membres"' in page.text
        assert f'href="/equipe/{other}/membres' not in page.text


async def test_small_numbers_of_others_are_not_told(nadia: Visitor) -> None:
    page = await nadia.open(f"/direction?structure={INTER_MADE}")
    told = dict(_STAT.findall(page.text))
    assert told[LA_RUCHE] == "masqué"
    assert "pourrait désigner quelqu" in page.text
    sheet = await nadia.open(f"/direction/membres.csv?structure={INTER_MADE}")
    assert sheet.headers["content-type"].startswith("text/csv")
    assert "attachment" in sheet.headers["content-disposition"]
    assert sheet.text.splitlines()[-1].split(";")[2] == "masqué"


async def test_the_period_is_in_the_address(nadia: Visitor) -> None:
    page = await nadia.open("/direction?de=2026-01&a=2026-03")
    assert 'value="2026-01"' in page.text
    assert (await nadia.open("/direction?de=x&a=%27")).status == 200
    assert (await nadia.open("/direction/tout.csv")).status == 404


def proposal(form: ShownForm) -> dict[str, str]:
    """An agreement to propose."""
    form.values.update(direction="accorde", other=LA_RUCHE)
    return {
        "membership_kind_0": "MEMBERSHIP_KIND_COWORKER",
        "resource_kind_0": "MEETING_ROOM",
        "half_days_per_month_0": "2",
        "price_0": "12,50",
        "start_date": (date.today() + timedelta(days=30)).isoformat(),
        "notice_days": "15",
    }


async def test_an_agreement_is_proposed_signed_and_ended_on_its_pages(nadia: Visitor) -> None:
    ours, theirs = f"/equipe/{INTER_MADE}/conventions", f"/equipe/{LA_RUCHE}/conventions"
    form = (await nadia.open(f"{ours}/proposer")).form("/proposer")
    page = await nadia.send(form, **proposal(form))
    assert page.path == ours, page.text
    assert "12,50" in page.text
    assert "Signer pour" not in page.text
    waiting = await nadia.open(f"{theirs}?etat=proposees")
    signed = await nadia.send(waiting.form("/signer"))
    assert signed.path == theirs
    assert "12,50" in signed.text
    agreement = re.findall(rf"{theirs}/(agreement_\w+)/terminer", signed.text)[0]
    ending = await nadia.open(f"{ours}/{agreement}/terminer")
    ended = await nadia.send(ending.form("/terminer"))
    assert ended.url.endswith("etat=terminees")
    assert "12,50" in ended.text
    assert (await nadia.open(f"{ours}/{agreement}x/terminer")).status == 404


@pytest.mark.parametrize(
    ("field", "typed", "wrong"),
    [
        ("price_0", "douze", "price_0"),
        ("half_days_per_month_0", "99", "half_days_per_month_0"),
        ("membership_kind_0", "", "membership_kind_0"),
        ("resource_kind_0", "", "resource_kind_0"),
        ("notice_days", "400", "notice_days"),
        ("end_date", "2020-01-01", "end_date"),
        ("other", "", "other"),
    ],
)
async def test_what_is_wrong_with_a_proposal_is_said_at_its_field(
    nadia: Visitor, field: str, typed: str, wrong: str
) -> None:
    form = (await nadia.open(f"/equipe/{INTER_MADE}/conventions/proposer")).form("/proposer")
    page = await nadia.send(form, **(proposal(form) | {field: typed}))
    assert page.status == 422, page.text
    assert f'id="{wrong}-error"' in page.text
    assert page.form("/proposer").values["start_date"] == proposal(form)["start_date"]


async def test_a_second_clause_is_refused_at_its_own_fields(nadia: Visitor) -> None:
    form = (await nadia.open(f"/equipe/{INTER_MADE}/conventions/proposer")).form("/proposer")
    second = {"membership_kind_2": "MEMBERSHIP_KIND_ALUMNI", "resource_kind_2": "DESK", "half_days_per_month_2": "0"}
    page = await nadia.send(form, **(proposal(form) | second))
    assert page.status == 422
    assert 'id="half_days_per_month_2-error"' in page.text


async def test_only_a_director_proposes(sam: Visitor) -> None:
    assert (await sam.open(f"/equipe/{LA_RUCHE}/conventions")).status == 200
    assert (await sam.open(f"/equipe/{LA_RUCHE}/conventions/proposer")).status == 403


async def test_my_account_says_who_knows_what_and_keeps_my_name(house: Journey, camille: Visitor) -> None:
    page = await camille.open("/compte")
    assert "camille@demo.example" in page.text
    assert "Projet accompagné" in page.text
    form = page.form("/compte")
    saved = await camille.send(form, given_name="Camille-Rose")
    assert saved.path == "/compte"
    assert saved.form("/compte").values["given_name"] == "Camille-Rose"
    assert "Bonjour, Camille-Rose" in (await camille.open("/tableau-de-bord")).text
    stale = await camille.send(form, given_name="Trop tard", request_id="")
    assert stale.status == 409
    assert stale.form("/compte").values["given_name"] == "Trop tard"
    english = await camille.send(stale.form("/compte"), given_name="Camille", locale="en")
    assert '<html lang="en"' in english.text
    await camille.send(english.form("/compte"), locale="fr")
