"""Signing in through the provider, by password and by link; signing out for good; registering."""

import re

import pytest
from journey import Journey
from visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_password_leads_to_the_dashboard(camille: Visitor) -> None:
    page = await camille.open("/tableau-de-bord")
    assert page.status == 200
    assert "Bonjour, Camille" in page.text
    assert "Projet accompagné" in page.text


async def test_a_page_for_the_signed_in_comes_back_after_the_sign_in(house: Journey, visitor: Visitor) -> None:
    shown = await visitor.open("/tableau-de-bord?depuis=ici")
    assert shown.path == "/connexion"
    values = {"email": "camille@demo.example", "password": house.password("camille@demo.example")}
    page = await visitor.send(shown.form("/connexion"), **values)
    assert page.url.endswith("/tableau-de-bord?depuis=ici")


async def test_wrong_credentials_are_said_beside_what_was_typed(visitor: Visitor) -> None:
    shown = await visitor.open("/connexion")
    page = await visitor.send(shown.form("/connexion"), email="camille@demo.example", password="une autre phrase")
    assert page.status == 422
    assert "ne convient pas" in page.text
    assert 'value="camille@demo.example"' in page.text
    assert "une autre phrase" not in page.text


async def test_a_challenge_nobody_made_leads_back_to_the_beginning(visitor: Visitor) -> None:
    page = await visitor.open("/connexion?challenge=nobody-made-this-one")
    assert page.status == 404
    assert "Recommencer la connexion" in page.text


async def test_signing_out_is_for_good(house: Journey, camille: Visitor) -> None:
    kept = dict(camille.cookies)
    page = await camille.open("/tableau-de-bord")
    left = await camille.send(page.form("/deconnexion"))
    assert left.path == "/"
    assert (await camille.open("/tableau-de-bord")).path == "/connexion"
    async with Visitor(house.portal) as thief:
        thief.cookies.update(kept)
        assert (await thief.open("/tableau-de-bord")).path == "/connexion"


async def test_somebody_new_registers_proves_their_address_and_comes_in_by_link(
    house: Journey, visitor: Visitor
) -> None:
    email = "nouvelle@demo.example"
    shown = await visitor.open("/inscription?retour=/espaces")
    sent = await visitor.send(shown.form("/inscription"), given_name="Lise", family_name="Fictive", email=email)
    assert sent.path == "/courrier"
    verify = await visitor.open(await house.link_mailed_to(email, containing="/verifier"))
    proved = await visitor.send(verify.form("/verifier"))
    assert "Votre adresse est confirmée" in proved.text
    onward = re.search(r'href="(/connexion\?retour=[^"]+)"', proved.text)
    assert onward is not None
    challenge = await visitor.open(onward.group(1))
    mailed = await visitor.send(challenge.form("/connexion/lien"), email=email)
    assert mailed.path == "/courrier"
    link = await visitor.open(await house.link_mailed_to(email, containing="/lien"))
    assert "autre navigateur" not in link.text
    came = await visitor.send(link.form("/lien"))
    assert came.path == "/espaces"
    assert "Se déconnecter" in came.text


async def test_a_link_opened_in_another_browser_says_so_before_it_is_spent(house: Journey, visitor: Visitor) -> None:
    shown = await visitor.open("/connexion")
    await visitor.send(shown.form("/connexion/lien"), email="jo@demo.example")
    link = await house.link_mailed_to("jo@demo.example", containing="/lien")
    async with Visitor(house.portal) as elsewhere:
        assert "autre navigateur" in (await elsewhere.open(link)).text
    came = await visitor.send((await visitor.open(link)).form("/lien"))
    assert came.path == "/tableau-de-bord"


async def test_a_link_works_once(house: Journey, visitor: Visitor) -> None:
    shown = await visitor.open("/connexion")
    await visitor.send(shown.form("/connexion/lien"), email="mae@demo.example")
    link = await house.link_mailed_to("mae@demo.example", containing="/lien")
    form = (await visitor.open(link)).form("/lien")
    await visitor.send(form)
    again = await visitor.send(form)
    assert again.status == 404
    assert "Ce lien ne vaut plus" in again.text


async def test_a_weak_password_is_said_at_its_field(visitor: Visitor) -> None:
    shown = await visitor.open("/inscription")
    typed = {"given_name": "Lise", "family_name": "Fictive", "email": "faible@demo.example", "password": "azerty"}
    page = await visitor.send(shown.form("/inscription"), **typed)
    assert page.status == 422
    assert 'href="#password"' in page.text
    assert 'id="password-error"' in page.text
    assert 'value="Lise"' in page.text
    assert "azerty" not in page.text


async def test_a_new_password_ends_every_sign_in(house: Journey, visitor: Visitor) -> None:
    email = "noor@demo.example"
    async with Visitor(house.portal) as before:
        await before.sign_in(email, house.password(email))
        asked = await visitor.open("/mot-de-passe-oublie")
        await visitor.send(asked.form("/mot-de-passe-oublie"), email=email)
        chosen = await visitor.open(await house.link_mailed_to(email, containing="/nouveau-mot-de-passe"))
        page = await visitor.send(chosen.form("/nouveau-mot-de-passe"), password="une phrase toute neuve")
        assert "Votre mot de passe est changé" in page.text
        house.note_password(email, "une phrase toute neuve")
        assert (await visitor.sign_in(email, "une phrase toute neuve")).path == "/tableau-de-bord"


async def test_a_code_from_another_provider_is_not_brought_to_ours(visitor: Visitor) -> None:
    started = await visitor.open("/connexion")
    assert started.path == "/connexion"
    page = await visitor.open("/auth/callback?code=x&state=forged&iss=https://ailleurs.example")
    assert page.status == 200
    assert "Me connecter ici" in page.text
