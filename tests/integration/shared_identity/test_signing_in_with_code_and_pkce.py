"""The authorization code flow, over real sockets: who asks is who gets, once, within a minute."""

import asyncio
import ssl
from datetime import timedelta
from urllib.parse import urlencode

import httpx2
import pytest
from groupement.shared_identity.v1 import sign_in_service_pb2 as pb
from groupement.shared_identity.v1.person_service_pb2 import GetMyselfRequest
from identity import CAMILLE, PASSWORD
from identity_house import (
    CALLBACK,
    FORUM,
    FORUM_BACK,
    PORTAL,
    PORTAL_URL,
    Identity,
    Journey,
    code_in,
    query_of,
)
from joserfc import jwt
from joserfc.jwk import KeySet
from servicekit.origin import Origin
from servicekit.refusals import Unauthenticated
from servicekit.rpc.channels import credentials


async def code(identity: Identity, journey: Journey) -> str:
    brought = await identity.back(await identity.challenge(journey), CAMILLE.email, PASSWORD)
    return brought["code"]


async def test_the_whole_way_and_what_the_client_learns(identity: Identity) -> None:
    journey = Journey()
    brought = await identity.back(await identity.challenge(journey), CAMILLE.email, PASSWORD)
    assert (brought["state"], brought["iss"]) == (journey.state, identity.issuer)
    answer = await identity.redeem(journey, brought["code"])
    tokens = answer.json()
    assert (tokens["token_type"], tokens["expires_in"], tokens["scope"]) == ("Bearer", 600, "openid profile email")
    assert answer.headers["cache-control"] == "no-store"
    keys = KeySet.import_key_set((await identity.get("/jwks.json")).json())
    claims = jwt.decode(tokens["id_token"], keys, algorithms=["RS256"]).claims
    now = int(identity.hands().timestamp())
    assert claims["iss"] == identity.issuer
    assert (claims["sub"], claims["aud"], claims["nonce"]) == (CAMILLE.person_id, "portal", journey.nonce)
    assert (claims["iat"], claims["exp"], claims["auth_time"], claims["amr"]) == (now, now + 600, now, ["pwd"])
    assert "email" not in claims and "family_name" not in claims


async def test_userinfo_says_what_the_scope_allows_to_that_client_alone(identity: Identity) -> None:
    tokens = await identity.signed_in(CAMILLE.email, PASSWORD)
    read = (await identity.userinfo(tokens["access_token"])).json()
    assert (read["sub"], read["email"], read["name"]) == (CAMILLE.person_id, CAMILLE.email, "Camille Fictive")
    refused = await identity.userinfo(tokens["access_token"], FORUM)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    for forged in ("x", "x.y.z", tokens["id_token"], tokens["refresh_token"]):
        answer = await identity.userinfo(forged)
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    identity.hands.forward(timedelta(minutes=10))
    assert (await identity.userinfo(tokens["access_token"])).json()["error"] == "invalid_token"


async def test_a_token_for_userinfo_opens_no_service(identity: Identity) -> None:
    tokens = await identity.signed_in(CAMILLE.email, PASSWORD)
    for wrong in (tokens["access_token"], tokens["id_token"]):
        with pytest.raises(Unauthenticated):
            await identity.people.GetMyself(GetMyselfRequest(), metadata=credentials(wrong))


async def test_another_verifier_gets_nothing_and_spends_the_code(identity: Identity) -> None:
    journey = Journey()
    stolen = await code(identity, journey)
    for verifier in (Journey().verifier, journey.challenge, "x"):
        answer = await identity.redeem(journey, stolen, code_verifier=verifier)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert (await identity.redeem(journey, stolen)).json()["error"] == "invalid_grant"


async def test_a_code_that_comes_back_ends_the_login_it_opened(identity: Identity) -> None:
    journey = Journey()
    used = await code(identity, journey)
    tokens = (await identity.redeem(journey, used)).json()
    assert (await identity.refresh(tokens["refresh_token"])).status_code == 200
    assert (await identity.redeem(journey, used)).json()["error"] == "invalid_grant"
    assert (await identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await identity.userinfo(tokens["access_token"])).status_code == 401


async def test_a_code_brought_many_times_at_once_is_worth_one_login_and_then_none(identity: Identity) -> None:
    journey = Journey()
    raced = await code(identity, journey)
    answers = await asyncio.gather(*(identity.redeem(journey, raced) for _ in range(6)))
    won = [answer.json() for answer in answers if answer.status_code == 200]
    assert len(won) == 1
    assert (await identity.refresh(won[0]["refresh_token"])).json()["error"] == "invalid_grant"


async def test_a_code_is_worth_sixty_seconds(identity: Identity) -> None:
    journey = Journey()
    late = await code(identity, journey)
    identity.hands.forward(timedelta(seconds=60))
    assert (await identity.redeem(journey, late)).json()["error"] == "invalid_grant"


async def test_a_code_goes_back_to_the_address_it_was_sent_to(identity: Identity) -> None:
    journey = Journey()
    answer = await identity.redeem(journey, await code(identity, journey), redirect_uri=f"{PORTAL_URL}/")
    assert answer.json()["error"] == "invalid_grant"


async def test_another_certificate_cannot_speak_for_a_client(identity: Identity) -> None:
    journey = Journey()
    stolen = await code(identity, journey)
    refused = await identity.redeem(journey, stolen, FORUM)
    assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
    as_itself = await identity.redeem(journey, stolen, FORUM, client_id="forum", redirect_uri=FORUM_BACK)
    assert as_itself.json()["error"] == "invalid_grant"
    portal_of_another = Origin(structure="la-ruche", kind="portal")
    assert (await identity.redeem(journey, stolen, portal_of_another)).status_code == 401


async def test_without_our_certificate_nobody_gets_a_word(identity: Identity) -> None:
    context = ssl.create_default_context(cafile=str(identity.home / "pki" / "ca.pem"))
    async with httpx2.AsyncClient(verify=context, trust_env=False) as stranger:
        with pytest.raises(httpx2.TransportError):
            sni = {"sni_hostname": "shared-identity.groupement.groupement.internal"}
            await stranger.post(f"{identity.mtls}/token", data={}, extensions=sni)


async def test_the_client_is_told_what_is_wrong_with_its_request(identity: Identity) -> None:
    for changes, error in (
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"prompt": "none"}, "login_required"),
        ({"request": "eyJ"}, "request_not_supported"),
    ):
        answer = await identity.get("/authorize", **Journey(state="mine").asks(**changes))
        assert answer.status_code == 303, changes
        assert answer.headers["location"].startswith(f"{CALLBACK}?"), changes
        told = query_of(answer.headers["location"])
        assert (told["error"], told["state"], told["iss"]) == (error, "mine", identity.issuer)


async def test_no_browser_is_sent_to_an_address_that_is_not_the_clients(identity: Identity) -> None:
    for changes in (
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": f"{CALLBACK}?x=1"},
        {"redirect_uri": ""},
        {"client_id": "stranger"},
        {"client_id": ""},
        {"client_id": "forum"},
        {"redirect_uri": "https://evil.example/", "response_type": "token"},
    ):
        answer = await identity.get("/authorize", **Journey().asks(**changes))
        assert answer.status_code in (400, 401), changes
        assert "location" not in answer.headers, changes


async def test_a_request_that_says_things_twice_or_badly_is_refused(identity: Identity) -> None:
    asked = urlencode(Journey().asks())
    assert (await identity.browser.get(f"{identity.issuer}/authorize?{asked}")).status_code == 303
    for more in ("state=again", "a=%FF", "a=%00", "&".join(f"a{n}=1" for n in range(60))):
        answer = await identity.browser.get(f"{identity.issuer}/authorize?{asked}&{more}")
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request"), more


async def test_the_clients_form_is_read_strictly(identity: Identity) -> None:
    client, address = identity.client(PORTAL), f"{identity.mtls}/token"
    sni = {"sni_hostname": "shared-identity.groupement.groupement.internal"}
    big = {"grant_type": "refresh_token", "client_id": "portal", "refresh_token": "x" * 20_000}
    for sent in ({"json": {"grant_type": "x"}}, {"data": big}, {"content": b"a=1"}):
        answer = await client.post(address, extensions=sni, **sent)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    missing = await identity.post("/token", grant_type="authorization_code", client_id="portal")
    assert missing.json()["error"] == "invalid_request"
    other = await identity.post("/token", grant_type="password", client_id="portal")
    assert other.json()["error"] == "unsupported_grant_type"


async def test_an_answered_challenge_is_taken_once_by_the_browser_that_answered(identity: Identity) -> None:
    request = pb.SignInWithPasswordRequest(
        challenge=await identity.challenge(Journey()), email=CAMILLE.email, password=PASSWORD
    )
    address = (await identity.sign_ins.SignInWithPassword(request)).redirect_url
    await identity.resumed(address)
    for again in (address, f"{identity.issuer}/authorize/resume?resume=made-up", f"{identity.issuer}/authorize/resume"):
        answer = await identity.browser.get(again)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{PORTAL_URL}/connexion")


async def test_a_mailed_link_signs_in(identity: Identity) -> None:
    journey = Journey()
    challenge = await identity.challenge(journey, login_hint=CAMILLE.email)
    shown = await identity.sign_ins.GetChallenge(pb.GetChallengeRequest(challenge=challenge))
    assert (shown.client_name, shown.login_hint) == ("Portail", CAMILLE.email)
    await identity.sign_ins.SendSignInLink(pb.SendSignInLinkRequest(challenge=challenge, email=CAMILLE.email))
    mailed = code_in(await identity.mails.to(CAMILLE.email))
    answered = await identity.sign_ins.SignInWithLink(pb.SignInWithLinkRequest(code=mailed))
    brought = await identity.resumed(answered.redirect_url)
    assert (await identity.redeem(journey, brought["code"])).status_code == 200


async def test_a_clients_own_parameters_stay_in_its_address(identity: Identity) -> None:
    journey = Journey()
    challenge = await identity.challenge(journey, client_id="forum", redirect_uri=FORUM_BACK)
    brought = await identity.back(challenge, CAMILLE.email, PASSWORD)
    assert brought["from"] == "here"
    answer = await identity.redeem(journey, brought["code"], FORUM, client_id="forum", redirect_uri=FORUM_BACK)
    read = (await identity.userinfo(answer.json()["access_token"], FORUM)).json()
    assert read["sub"] != CAMILLE.person_id
    spoken = await identity.refresh(
        answer.json()["refresh_token"], FORUM, client_id="forum", resource="urn:groupement:structure:la-ruche"
    )
    assert spoken.json()["error"] == "invalid_target"


async def test_discovery_names_every_door(identity: Identity) -> None:
    said = (await identity.get("/.well-known/openid-configuration")).json()
    assert said["issuer"] == identity.issuer
    assert said["token_endpoint"] == said["mtls_endpoint_aliases"]["token_endpoint"] == f"{identity.mtls}/token"
    assert said["code_challenge_methods_supported"] == ["S256"]
    assert said["authorization_response_iss_parameter_supported"] is True
    for door in ("authorization_endpoint", "end_session_endpoint", "jwks_uri"):
        assert said[door].startswith(identity.issuer)
