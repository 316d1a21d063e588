"""Applying to a programme; the team admits, moves along the path, records an exit; nobody else may."""

import re
from html import unescape

import pytest
from visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")

TEAM = "/equipe/inter-made"


async def programme(visitor: Visitor, name: str) -> str:
    """The address to apply to a programme."""
    page = await visitor.open("/")
    found = re.search(rf'href="(/candidater/[^"]+)">{name}<', page.text)
    assert found is not None
    return found.group(1)


async def cohort(visitor: Visitor, name: str) -> str:
    """The address of a cohort's board."""
    page = await visitor.open(TEAM)
    found = re.search(rf'href="({TEAM}/promotions/[^"]+)">{name}', page.text)
    assert found is not None
    return found.group(1)


async def test_an_applicant_signs_in_first(visitor: Visitor) -> None:
    page = await visitor.open(await programme(visitor, "Starter"))
    assert "qui êtes-vous" in page.text
    assert "/connexion?retour=%2Fcandidater" in page.text


async def test_an_application_is_sent_shown_and_taken_back(sam: Visitor) -> None:
    shown = await sam.open(await programme(sam, "Starter"))
    form = shown.form("/candidater")
    assert form.values["email"] == "sam@demo.example"
    sent = await sam.send(form, project_name="La Consigne (inventée)", pitch="Des bocaux qui reviennent.")
    assert sent.path == "/tableau-de-bord"
    assert "Votre candidature est envoyée" in sent.text
    assert "La Consigne (inventée)" in sent.text
    again = await sam.send((await sam.open(shown.path)).form("/candidater"), project_name="Encore", pitch="Encore.")
    assert again.status == 409
    assert "déjà une candidature en attente" in again.text
    assert 'value="Encore"' in again.text
    path = re.search(r'href="(/candidatures/[^"]+/retirer)"', sent.text)
    assert path is not None
    taken_back = await sam.send((await sam.open(path.group(1))).form("/retirer"))
    assert "Votre candidature est retirée" in taken_back.text


async def test_what_is_missing_is_said_at_its_field(camille: Visitor) -> None:
    form = (await camille.open(await programme(camille, "Amorçage"))).form("/candidater")
    page = await camille.send(form, project_name="", pitch="Une idée à garder.")
    assert page.status == 422
    assert 'id="project_name-error"' in page.text
    assert "Une idée à garder." in page.text


async def test_the_team_reads_admits_and_sees_the_project_on_its_path(nadia: Visitor) -> None:
    waiting = await nadia.open(f"{TEAM}/candidatures")
    form = waiting.form("/admettre")
    project = re.search(r"<h2>([^<]+)</h2>", waiting.text)
    assert project is not None
    page = await nadia.send(form)
    assert "est admis" in unescape(page.text)
    admitted = await nadia.open(f"{TEAM}/candidatures?etat=admises")
    assert project.group(1) in admitted.text
    again = await nadia.send(form)
    assert "est admis" in unescape(again.text)


async def test_a_project_moves_and_two_who_move_it_at_once_are_told(nadia: Visitor) -> None:
    board = await cohort(nadia, "Starter, groupe en cours")
    form = (await nadia.open(board)).form("/deplacer")
    stages = re.findall(r'<option value="(stage_[0-9a-f]+)"', (await nadia.open(board)).text)
    other = next(stage for stage in stages if stage != form.values["stage_id"])
    moved = await nadia.send(form, stage_id=other)
    assert "est déplacé" in unescape(moved.text)
    stale = await nadia.post(form.action, form.values | {"stage_id": other, "request_id": ""})
    assert stale.status == 409
    assert "modifié entre-temps" in stale.text


async def test_an_exit_asks_why_and_shows_among_the_exits(nadia: Visitor) -> None:
    board = await cohort(nadia, "Couveuse, groupe en cours")
    path = re.search(rf'href="({TEAM}/projets/[^"]+/sortie)"', (await nadia.open(board)).text)
    assert path is not None
    form = (await nadia.open(path.group(1))).form("/sortie")
    late = await nadia.send(form, reason="COMPLETED", exit_date="2099-01-01")
    assert late.status == 422
    assert 'id="exit_date-error"' in late.text
    left = await nadia.send(form, reason="COMPLETED")
    assert "est enregistrée" in left.text
    exits = await nadia.open(f"{board}?sorties=oui")
    assert "Parcours achevé" in exits.text


@pytest.mark.parametrize("page", [TEAM, f"{TEAM}/candidatures", f"{TEAM}/usages", "/equipe/la-ruche"])
async def test_pages_of_a_team_are_for_the_team(camille: Visitor, page: str) -> None:
    shown = await camille.open(page)
    assert shown.status == 403
    assert "équipe de la structure" in shown.text


async def test_the_director_sees_usages_as_counts(nadia: Visitor) -> None:
    page = await nadia.open(f"{TEAM}/usages")
    assert page.status == 200
    assert "Nos membres, chez les autres" in page.text
