"""Whatever goes wrong, a page says it in the visitor's language, with the headers of every other page."""

import pytest
from journey import Journey
from visitor import Visitor

pytestmark = pytest.mark.asyncio(loop_scope="session")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/nulle-part", "Cette page n&#39;existe pas"),
        ("/espaces/la-ruche/place_00000000000000000000000000000000", "Nous ne trouvons pas ce lieu"),
        ("/espaces/nulle-part/place_1", "Nous ne connaissons pas cette structure"),
        ("/candidater/inter-made/programme_1", "Nous ne trouvons pas ce dispositif"),
        ("/static/0/inconnu.css", "Cette page n&#39;existe pas"),
    ],
)
async def test_what_is_not_there_is_said(visitor: Visitor, address: str, said: str) -> None:
    page = await visitor.open(address)
    assert page.status == 404
    assert said in page.text


async def test_errors_are_said_in_english_too(visitor: Visitor) -> None:
    page = await visitor.open("/nowhere", **{"accept-language": "en-GB"})
    assert "This page does not exist" in page.text
    assert '<html lang="en"' in page.text


@pytest.mark.parametrize("address", ["/", "/nulle-part", "/connexion", "/healthz", "/theme.css"])
async def test_every_answer_lets_nothing_in_from_elsewhere(visitor: Visitor, address: str) -> None:
    headers = (await visitor.open(address)).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("address", ["/inscription", "/connexion", "/deconnexion", "/mot-de-passe-oublie"])
async def test_a_form_from_another_site_does_nothing(visitor: Visitor, address: str) -> None:
    page = await visitor.post(address, {"email": "x@demo.example"}, origin="https://ailleurs.example")
    assert page.status == 403
    assert "vient d&#39;un autre site" in page.text


async def test_too_much_is_refused_in_words(visitor: Visitor) -> None:
    page = await visitor.post("/mot-de-passe-oublie", {"email": "x" * 100_000})
    assert page.status == 413
    assert "Raccourcissez" in page.text


async def test_a_password_field_is_never_asked_for_by_get(visitor: Visitor) -> None:
    assert (await visitor.open("/deconnexion")).status == 405


async def test_the_language_one_chose_is_kept(visitor: Visitor) -> None:
    await visitor.open("/en")
    assert "Spaces" in (await visitor.open("/espaces")).text
    await visitor.open("/espaces?lang=fr")
    assert "Où voulez-vous travailler" in (await visitor.open("/espaces")).text


async def test_it_says_that_it_lives_and_serves(visitor: Visitor) -> None:
    assert (await visitor.open("/healthz")).status == 200
    ready = await visitor.open("/readyz")
    assert ready.status == 200
    assert '"degraded":[]' in ready.text


async def test_logs_hold_no_address_and_no_code(house: Journey, visitor: Visitor) -> None:
    await visitor.open("/lien?code=a-secret-code")
    await visitor.post("/mot-de-passe-oublie", {"email": "personne-de-precis@demo.example"})
    written = house.home.log("portal@groupement").read_text()
    assert '"page": "/lien"' in written
    assert "a-secret-code" not in written
    assert "personne-de-precis" not in written
