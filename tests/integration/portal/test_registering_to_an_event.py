"""Registering without an account: a seat kept, a form that loses nothing, a ticket by mail, a list that waits."""

import re
from collections.abc import Mapping
from html import unescape
from uuid import uuid4

import pytest
import pytest_asyncio
from journey import Journey
from small_gatherings import gathering
from visitor import Page, Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

IDENTITY = "shared-identity@groupement"
_OPTION = re.compile(r'name="(temps-1)" value="(session_\w+)"[^>]*>.*?class="strong">([^<]+)<', re.DOTALL)
_QUESTION = re.compile(r'<fieldset[^>]*id="(question_\w+)"[^>]*>\s*<legend>([^<]+?)\s*<')


def fresh() -> str:
    """An address nobody has used."""
    return f"{uuid4().hex[:12]}@demo.example"


def said(page: Page) -> str:
    """What the page says, as it is read."""
    return unescape(page.text)


def plain(words: str) -> str:
    """Words of a page with ordinary spaces where French typography has finer ones."""
    return " ".join(unescape(words).split())


def person(email: str) -> dict[str, str]:
    """What somebody types of themselves."""
    return {"given_name": "Ondine", "family_name": "Imaginaire", "email": email}


def workshop(page: Page, title: str) -> dict[str, str]:
    """The choice of a workshop by its title."""
    found = {plain(name): {field: value} for field, value, name in _OPTION.findall(page.text)}
    return found[title]


def question(page: Page, label: str) -> str:
    """The field of a question by its words."""
    found = {plain(words): str(field) for field, words in _QUESTION.findall(page.text)}
    return found[label]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def small(house: Journey) -> str:
    """An event of one seat."""
    slug = f"petit-{uuid4().hex[:6]}"
    await house.load(IDENTITY, gathering(slug, seats=1))
    return slug


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def workshops(house: Journey) -> str:
    """An event with two workshops at the same time; the first has one seat."""
    slug = f"ateliers-{uuid4().hex[:6]}"
    await house.load(IDENTITY, gathering(slug, seats=40, workshop_seats=1))
    return slug


async def hold(visitor: Visitor, slug: str) -> Page:
    """The form, reached as anybody reaches it."""
    page = await visitor.open(f"/evenements/{slug}")
    return await visitor.send(page.form(f"/evenements/{slug}/inscription"))


async def register(visitor: Visitor, slug: str, values: Mapping[str, str]) -> Page:
    """Hold a seat and fill the form in."""
    form = (await hold(visitor, slug)).form("/inscription/")
    return await visitor.send(form, **values)


async def ticket_of(house: Journey, visitor: Visitor, email: str) -> Page:
    """The page that the link of the newest mail opens."""
    return await visitor.open(await house.link_mailed_to(email, containing="/billet?code="))


async def test_the_ticket_goes_by_mail_and_the_page_says_where(
    house: Journey, visitor: Visitor, workshops: str
) -> None:
    email = fresh()
    shown = await hold(visitor, workshops)
    assert "Votre place est gardée jusqu'à" in said(shown)
    values = person(email) | {question(shown, "Comment venez-vous ?"): "1"} | workshop(shown, "Atelier des tissus")
    done = await visitor.send(shown.form("/inscription/"), **values)
    assert done.path == f"/evenements/{workshops}/inscrit"
    assert email in said(done)
    ticket = await ticket_of(house, visitor, email)
    assert "Ondine Imaginaire" in said(ticket)
    assert "Atelier des tissus" in said(ticket)
    assert "Atelier des semis" not in said(ticket)
    assert "<svg" in said(ticket)
    assert "Code QR du billet" in said(ticket)


async def test_pages_with_a_code_are_kept_by_nobody_and_told_to_nobody(
    house: Journey, visitor: Visitor, workshops: str
) -> None:
    email = fresh()
    form = await hold(visitor, workshops)
    values = person(email) | {question(form, "Comment venez-vous ?"): "0"}
    done = await visitor.send(form.form("/inscription/"), **values)
    ticket = await ticket_of(house, visitor, email)
    for page in (form, done, ticket):
        assert page.headers["referrer-policy"] == "no-referrer"
        assert "no-store" in page.headers["cache-control"]
    assert email not in done.url


async def test_all_that_is_missing_is_said_at_once_and_nothing_typed_is_lost(visitor: Visitor, workshops: str) -> None:
    shown = await hold(visitor, workshops)
    typed = {"given_name": "Ondine", "organisation": "Atelier du Vent", "diet": "sans gluten", "profile": "CITIZEN"}
    again = await visitor.send(shown.form("/inscription/"), **typed, **workshop(shown, "Atelier des semis"))
    assert again.status == 422
    assert "4 choses sont à corriger" in said(again)
    form = again.form("/inscription/")
    assert {name: form.values[name] for name in typed} == typed
    assert form.values["temps-1"] == workshop(shown, "Atelier des semis")["temps-1"]


async def test_a_malformed_address_is_said_at_its_field(visitor: Visitor, workshops: str) -> None:
    shown = await hold(visitor, workshops)
    values = person("pas une adresse") | {question(shown, "Comment venez-vous ?"): "0"}
    again = await visitor.send(shown.form("/inscription/"), **values)
    assert again.status == 422
    assert 'id="email-error"' in said(again)
    assert "Votre place est gardée jusqu" in said(again)


async def test_a_workshop_that_filled_meanwhile_is_refused_and_the_seat_stays(
    house: Journey, visitor: Visitor, workshops: str
) -> None:
    slow = await hold(visitor, workshops)
    asked = {question(slow, "Comment venez-vous ?"): "0", question(slow, "Avez-vous des outils ?"): "yes"}
    seeds = workshop(slow, "Atelier des semis")
    async with Visitor(house.portal) as quick:
        first = await register(quick, workshops, person(fresh()) | asked | seeds)
        assert first.path.endswith("/inscrit"), first.text
    refused = await visitor.send(slow.form("/inscription/"), **person(fresh()), **asked, **seeds)
    assert refused.status == 429
    assert "Cet atelier vient de se remplir" in said(refused)
    assert "Votre place est gardée jusqu" in said(refused)
    email = fresh()
    other = workshop(slow, "Atelier des tissus")
    done = await visitor.send(refused.form("/inscription/"), **person(email), **asked, **other)
    assert done.path.endswith("/inscrit"), done.text


async def test_a_seat_no_longer_kept_is_had_again_in_one_click_with_what_was_typed(
    visitor: Visitor, workshops: str
) -> None:
    shown = await hold(visitor, workshops)
    form, email = shown.form("/inscription/"), fresh()
    released = await visitor.send(shown.form("/rendre"))
    assert "La place que vous gardiez est rendue" in said(released)
    values = person(email) | {question(shown, "Comment venez-vous ?"): "1", "diet": "sans noix"}
    late = await visitor.send(form, **values)
    assert late.status == 410
    assert "Ce que vous avez écrit est toujours là" in said(late)
    again = await visitor.send(late.form("/inscription"))
    kept = again.form("/inscription/")
    assert kept.action != form.action
    assert {name: kept.values[name] for name in values} == values
    assert (await visitor.send(kept)).path.endswith("/inscrit")


async def test_sending_the_form_twice_registers_once(house: Journey, visitor: Visitor, workshops: str) -> None:
    before = await free_seats(visitor, workshops)
    shown = await hold(visitor, workshops)
    values = person(fresh()) | {question(shown, "Comment venez-vous ?"): "0"}
    first, second = [await visitor.send(shown.form("/inscription/"), **values) for _ in range(2)]
    assert first.path == second.path
    assert await free_seats(visitor, workshops) == before - 1


async def test_nobody_learns_from_the_page_who_comes(house: Journey, visitor: Visitor, workshops: str) -> None:
    email = fresh()
    answers = []
    for _ in range(2):
        shown = await hold(visitor, workshops)
        values = person(email) | {question(shown, "Comment venez-vous ?"): "0"}
        answers.append(await visitor.send(shown.form("/inscription/"), **values))
    assert answers[0].path == answers[1].path
    assert answers[0].text == answers[1].text
    known, unknown = [await resend(visitor, workshops, address) for address in (email, fresh())]
    assert known.path == unknown.path
    assert re.sub(r"\S+@demo.example", "", known.text) == re.sub(r"\S+@demo.example", "", unknown.text)


async def resend(visitor: Visitor, slug: str, email: str) -> Page:
    page = await visitor.open(f"/evenements/{slug}/retrouver")
    return await visitor.send(page.form("/retrouver"), email=email)


async def free_seats(visitor: Visitor, slug: str) -> int:
    page = await visitor.open(f"/evenements/{slug}")
    found = re.search(r"Il reste (\d+) place", page.text)
    assert found is not None, page.text
    return int(found.group(1))


async def test_whoever_waits_is_offered_the_seat_that_somebody_gives_back(
    house: Journey, visitor: Visitor, small: str
) -> None:
    holder, waiter = fresh(), fresh()
    assert (await register(visitor, small, person(holder))).path.endswith("/inscrit")
    event = await visitor.open(f"/evenements/{small}")
    assert "Je rejoins la liste d'attente" in said(event)
    waits = await visitor.open(f"/evenements/{small}/liste-d-attente")
    joined = await visitor.send(waits.form("/liste-d-attente"), **person(waiter))
    assert joined.path == f"/evenements/{small}/en-attente"
    assert "La prochaine place sera pour vous" in said(await ticket_of(house, visitor, waiter))
    ticket = await ticket_of(house, visitor, holder)
    asked = await visitor.open(link(ticket, "/billet/annuler"))
    assert "Rendre la place" in said(asked)
    gone = await visitor.send(asked.form("/billet/annuler"))
    assert "Ce billet ne vaut plus" in said(gone)
    offered = await eventually_offered(house, visitor, waiter)
    taken = await visitor.send(offered.form("/billet/accepter"))
    assert "Inscription confirmée" in said(taken)
    assert "La place est à vous" in said(taken)


async def eventually_offered(house: Journey, visitor: Visitor, email: str) -> Page:
    """The waiter's own link, once it says that a seat is offered."""
    page = await ticket_of(house, visitor, email)
    assert "Une place s'est libérée pour vous" in said(page)
    return page


def link(page: Page, path: str) -> str:
    """The address of a link of the page, by its path."""
    found = re.search(rf'href="({re.escape(path)}\?[^"]+)"', page.text)
    assert found is not None, page.text
    return unescape(found.group(1))


async def test_an_event_that_is_full_leads_to_its_list(visitor: Visitor, house: Journey) -> None:
    slug = f"plein-{uuid4().hex[:6]}"
    await house.load(IDENTITY, gathering(slug, seats=1))
    page = await visitor.open(f"/evenements/{slug}")
    async with Visitor(house.portal) as quick:
        assert (await hold(quick, slug)).path.startswith("/inscription/")
    late = await visitor.send(page.form(f"/evenements/{slug}/inscription"))
    assert late.path == f"/evenements/{slug}/liste-d-attente"
    assert "La dernière place vient d'être prise" in said(late)


async def test_an_offer_declined_may_be_waited_for_again(house: Journey, visitor: Visitor) -> None:
    slug, holder, waiter = f"rang-{uuid4().hex[:6]}", fresh(), fresh()
    await house.load(IDENTITY, gathering(slug, seats=1))
    await register(visitor, slug, person(holder))
    waits = await visitor.open(f"/evenements/{slug}/liste-d-attente")
    await visitor.send(waits.form("/liste-d-attente"), **person(waiter))
    ticket = await ticket_of(house, visitor, holder)
    await visitor.send((await visitor.open(link(ticket, "/billet/annuler"))).form("/billet/annuler"))
    offered = await ticket_of(house, visitor, waiter)
    declined = await visitor.send((await visitor.open(link(offered, "/billet/refuser"))).form("/billet/refuser"))
    assert "La place n'est plus gardée pour vous" in said(declined)
    again = await visitor.send(declined.form("/billet/rejoindre"))
    assert "Une place s'est libérée pour vous" in said(again) or "liste d'attente" in said(again)


async def test_a_seat_handed_over_is_the_other_persons_only(house: Journey, visitor: Visitor, workshops: str) -> None:
    mine, theirs = fresh(), fresh()
    shown = await hold(visitor, workshops)
    values = person(mine) | {question(shown, "Comment venez-vous ?"): "0"} | workshop(shown, "Atelier des tissus")
    await visitor.send(shown.form("/inscription/"), **values)
    ticket = await ticket_of(house, visitor, mine)
    form = (await visitor.open(link(ticket, "/billet/transmettre"))).form("/billet/transmettre")
    incomplete = await visitor.send(form, given_name="Noé")
    assert incomplete.status == 422
    done = await visitor.send(form, given_name="Noé", family_name="Imaginaire", email=theirs)
    assert done.path == f"/evenements/{workshops}/transmis"
    assert theirs in said(done)
    theirs_now = await ticket_of(house, visitor, theirs)
    assert "Noé Imaginaire" in said(theirs_now)
    assert "Atelier des tissus" in said(theirs_now)
    assert (await visitor.open(ticket.url)).status == 404


async def test_a_workshop_is_changed_from_the_ticket(house: Journey, visitor: Visitor, workshops: str) -> None:
    email = fresh()
    shown = await hold(visitor, workshops)
    await visitor.send(shown.form("/inscription/"), **person(email), **{question(shown, "Comment venez-vous ?"): "0"})
    ticket = await ticket_of(house, visitor, email)
    assert "Choisir un atelier" in said(ticket)
    page = await visitor.open(link(ticket, "/billet/changer"))
    changed = await visitor.send(page.form("/billet/changer"), **workshop(page, "Atelier des tissus"))
    assert changed.path == "/billet"
    assert "Atelier des tissus" in said(changed)
    assert "Changer d'atelier" in said(changed)


async def test_a_code_nobody_has_opens_nothing(visitor: Visitor) -> None:
    page = await visitor.open("/billet?code=nobody")
    assert page.status == 404
    assert "Nous ne trouvons pas ce billet" in said(page)
    assert (await visitor.open("/inscription/nobody")).status == 404
    assert (await visitor.open("/billet.ics?code=nobody")).status == 404


async def test_what_was_sent_is_read_on_the_page_of_the_event(visitor: Visitor, workshops: str) -> None:
    for address in (f"/evenements/{workshops}/inscription", f"/evenements/{workshops}/moi"):
        assert (await visitor.open(address)).path == f"/evenements/{workshops}"


async def test_whoever_signs_in_comes_back_to_the_event(visitor: Visitor, workshops: str) -> None:
    page = await visitor.open(f"/evenements/{workshops}")
    assert f"/connexion?retour=%2Fevenements%2F{workshops}" in page.text


async def test_a_seat_is_asked_for_from_our_own_pages_only(visitor: Visitor, workshops: str) -> None:
    page = await visitor.post(f"/evenements/{workshops}/inscription", {}, origin="https://ailleurs.example")
    assert page.status == 403


async def test_an_invitation_opens_the_form_once(house: Journey, visitor: Visitor, nadia: Visitor) -> None:
    slug, guest = f"invite-{uuid4().hex[:6]}", fresh()
    await house.load(IDENTITY, gathering(slug, seats=5))
    named = re.search(r"UID:(event_\w+)@", (await visitor.open(f"/evenements/{slug}.ics")).text)
    assert named is not None
    desk = await nadia.open(f"/equipe/inter-made/evenements/{named.group(1)}/invitations")
    sent = await nadia.send(desk.form("/invitations"), emails=guest)
    assert "1 invitation est partie" in said(sent)
    address = await house.link_mailed_to(guest, containing="?invitation=")
    event = await visitor.open(address)
    assert event.headers["referrer-policy"] == "no-referrer"
    form = await visitor.send(event.form(f"/evenements/{slug}/inscription"))
    assert "À l'invitation d'Inter-Made" in said(form)
    done = await visitor.send(form.form("/inscription/"), **person(guest))
    assert done.path.endswith("/inscrit"), done.text
    again = await visitor.open(address)
    refused = await visitor.send(again.form(f"/evenements/{slug}/inscription"))
    assert refused.status == 409
    assert "Cette invitation a déjà servi" in said(refused)


async def test_events_are_found_from_anywhere(visitor: Visitor) -> None:
    page = await visitor.open("/palette?q=plus20")
    assert 'href="/evenements/plus20"' in page.text
    home = await visitor.open("/")
    assert 'href="/evenements/plus20"' in home.text
