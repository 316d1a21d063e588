"""The provider sends browsers only where a client registered, and answers only who can prove they asked."""

import base64
import hashlib
from datetime import timedelta

import pytest
from identity import NOW
from shared_identity.oidc.domain import (
    CODE_LIFE,
    Client,
    ClientUnknown,
    Code,
    GrantRefused,
    LoginRequired,
    OAuthRefusal,
    RedirectUnknown,
    RequestMalformed,
    RequestObjectUnsupported,
    RequestUriUnsupported,
    ResponseTypeUnsupported,
    ScopeMissing,
    TargetRefused,
    authorization_request,
    check_code,
    client_of,
    logout_address,
    proves,
    structure_of,
    subject,
)

VERIFIER = "v" * 43
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "https://portal.example/auth/callback"
PORTAL = Client(
    client_id="portal",
    name="Portail",
    redirect_uris=(CALLBACK,),
    post_logout_redirect_uris=("https://portal.example/",),
    tls_san="spiffe://groupement/portal/groupement",
    pairwise=False,
)
FORUM = Client(
    client_id="forum",
    name="Forum",
    redirect_uris=("https://forum.example/back",),
    post_logout_redirect_uris=(),
    tls_san="spiffe://groupement/forum/la-ruche",
    pairwise=True,
)
CLIENTS = {"portal": PORTAL, "forum": FORUM}
ASKED = {
    "client_id": "portal",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "openid email unheard-of",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
    "state": "s",
    "nonce": "n",
}
CODE = Code(redirect_uri=CALLBACK, code_challenge=CHALLENGE, nonce="n", expires_at=NOW + CODE_LIFE)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://portal.example/auth/callback/",
        "https://portal.example/auth/callback?x=1",
        "https://portal.example/auth/callback#x",
        "https://portal.example:443/auth/callback",
        "HTTPS://portal.example/auth/callback",
        "https://portal.example.evil.example/auth/callback",
        "https://portal.example@evil.example/auth/callback",
        "https://forum.example/back",
        "//evil.example",
        "javascript:alert(1)",
    ],
)
def test_an_address_that_is_not_registered_to_the_letter_is_refused(address: str) -> None:
    with pytest.raises(RedirectUnknown):
        client_of({"client_id": "portal", "redirect_uri": address}, CLIENTS)


def test_a_registered_address_is_accepted() -> None:
    assert client_of(ASKED, CLIENTS) is PORTAL


@pytest.mark.parametrize("client_id", ["", "portal ", "stranger"])
def test_a_client_that_is_not_registered_is_refused(client_id: str) -> None:
    with pytest.raises(ClientUnknown):
        client_of({**ASKED, "client_id": client_id}, CLIENTS)


def test_scopes_that_mean_nothing_here_are_left_out() -> None:
    assert authorization_request(ASKED).scope == "openid email"


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"response_type": "token"}, ResponseTypeUnsupported),
        ({"response_type": "code id_token"}, ResponseTypeUnsupported),
        ({"response_mode": "fragment"}, RequestMalformed),
        ({"code_challenge": ""}, RequestMalformed),
        ({"code_challenge": "short"}, RequestMalformed),
        ({"code_challenge_method": "plain"}, RequestMalformed),
        ({"code_challenge_method": ""}, RequestMalformed),
        ({"scope": "email"}, ScopeMissing),
        ({"prompt": "none"}, LoginRequired),
        ({"request": "eyJ"}, RequestObjectUnsupported),
        ({"request_uri": "https://evil.example"}, RequestUriUnsupported),
        ({"state": "s" * 1025}, RequestMalformed),
        ({"nonce": "n" * 1025}, RequestMalformed),
    ],
)
def test_what_is_not_served_is_refused(change: dict[str, str], refusal: type[OAuthRefusal]) -> None:
    with pytest.raises(refusal):
        authorization_request({**ASKED, **change})


def test_the_right_verifier_proves_who_asked() -> None:
    assert proves(VERIFIER, CHALLENGE)


@pytest.mark.parametrize("verifier", ["", "w" * 43, VERIFIER[:42], VERIFIER * 3, CHALLENGE, "é" * 43])
def test_any_other_verifier_does_not(verifier: str) -> None:
    assert not proves(verifier, CHALLENGE)


def test_a_code_is_worth_sixty_seconds() -> None:
    check_code(CODE, redirect_uri=CALLBACK, verifier=VERIFIER, now=NOW + timedelta(seconds=59))
    with pytest.raises(GrantRefused):
        check_code(CODE, redirect_uri=CALLBACK, verifier=VERIFIER, now=NOW + timedelta(seconds=60))


def test_a_code_is_worth_nothing_with_another_address_or_verifier() -> None:
    for address, verifier in (("https://portal.example/", VERIFIER), (CALLBACK, "w" * 43)):
        with pytest.raises(GrantRefused):
            check_code(CODE, redirect_uri=address, verifier=verifier, now=NOW)


def test_a_token_speaks_to_the_one_structure_named() -> None:
    assert structure_of("urn:groupement:structure:la-ruche", PORTAL) == "la-ruche"


@pytest.mark.parametrize("resource", ["", "la-ruche", "urn:groupement:structure:", "https://la-ruche.example"])
def test_what_names_no_structure_is_refused(resource: str) -> None:
    with pytest.raises(TargetRefused):
        structure_of(resource, PORTAL)


def test_a_pairwise_client_speaks_to_no_structure() -> None:
    with pytest.raises(TargetRefused):
        structure_of("urn:groupement:structure:la-ruche", FORUM)


def test_a_pairwise_client_knows_somebody_by_a_name_of_its_own() -> None:
    other = Client(**{**FORUM.__dict__, "client_id": "cloud"})
    names = {subject("person_1", client, b"k" * 32) for client in (PORTAL, FORUM, other)}
    assert len(names) == 3
    assert subject("person_1", PORTAL, b"k" * 32) == "person_1"
    assert subject("person_1", FORUM, b"k" * 32) == subject("person_1", FORUM, b"k" * 32)


def test_a_browser_leaves_only_to_a_registered_address() -> None:
    assert logout_address(PORTAL, "https://portal.example/") == "https://portal.example/"
    assert logout_address(PORTAL, "https://evil.example/") is None
    assert logout_address(PORTAL, "") is None
