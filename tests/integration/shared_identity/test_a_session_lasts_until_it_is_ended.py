"""A refresh token gives tokens that speak to one structure each, until somebody ends the session."""

import base64
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from groupement.shared_identity.v1 import person_service_pb2 as people_pb
from groupement.shared_identity.v1 import sign_in_service_pb2 as pb
from identity import CAMILLE, PASSWORD, SAM
from identity_house import FORUM, PORTAL_URL, Identity, Journey, code_in
from joserfc import jws
from joserfc.jwk import RSAKey
from servicekit.tokens import TokenVerifier
from shared_identity import alliance
from shared_identity.days import Period, day_of
from shared_identity.memberships import usecases as memberships
from shared_identity.memberships.domain import Declaration, MembershipKind, StaffRole
from shared_identity.oidc import usecases as oidc
from shared_identity.oidc.storage import login

DIRECTION = {
    "post_id": "post_01990000000070008000000000000001",
    "title": "Direction",
    "person_id": CAMILLE.person_id,
    "employer": "inter-made",
    "start_date": "2021-11-01",
    "shares": [
        {"structure": "inter-made", "basis_points": 5000, "roles": ["DIRECTOR"]},
        {"structure": "la-ruche", "basis_points": 5000, "roles": []},
    ],
}


async def at_home(identity: Identity) -> None:
    """Camille directs one structure, is on the staff of its incubator, and a member of the other."""
    today = day_of(identity.hands())
    async with identity.db.work() as work:
        await alliance.load(work, {"posts": [DIRECTION]}, now=identity.hands())
        await memberships.note_staff_role(
            work,
            StaffRole(
                person_id=CAMILLE.person_id,
                structure="inter-made",
                service="incubator",
                role="ADVISOR",
                granted=True,
                version=1,
            ),
        )
        await memberships.declare(
            work,
            Declaration(
                membership_id="membership_01990000000070008000000000000001",
                person_id=CAMILLE.person_id,
                structure="la-ruche",
                kind=MembershipKind.COWORKER,
                period=Period(start=today),
                version=1,
            ),
        )


def claims(token: str) -> Mapping[str, Any]:
    """What a token says, unverified."""
    part = token.split(".")[1]
    read: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return read


def resource(structure: str) -> str:
    return f"urn:groupement:structure:{structure}"


async def test_a_token_speaks_to_one_structure_in_the_roles_held_there_and_no_others(identity: Identity) -> None:
    await at_home(identity)
    tokens = await identity.signed_in(CAMILLE.email, PASSWORD)
    held = {}
    for structure in ("inter-made", "la-ruche"):
        answer = await identity.refresh(tokens["refresh_token"], resource=resource(structure))
        assert "refresh_token" not in answer.json() and "id_token" not in answer.json()
        held[structure] = claims(answer.json()["access_token"])
    assert (held["inter-made"]["aud"], held["inter-made"]["roles"]) == ("inter-made", ["ADVISOR", "DIRECTOR"])
    assert (held["la-ruche"]["aud"], held["la-ruche"]["roles"]) == ("la-ruche", ["MEMBER"])
    assert "inter-made" not in json.dumps(held["la-ruche"])


async def test_every_service_can_check_such_a_token_with_the_keys_on_disk(identity: Identity) -> None:
    tokens = await identity.signed_in(SAM.email, PASSWORD)
    answer = await identity.refresh(tokens["refresh_token"], resource=resource("la-ruche"))
    verifier = TokenVerifier(identity.settings.instance.jwks_file, issuer=identity.issuer, audience="la-ruche")
    token = verifier.verify(answer.json()["access_token"], identity.hands())
    assert (token.person_id, token.structure, token.roles) == (SAM.person_id, "la-ruche", frozenset())
    assert token.expires_at - identity.hands() == timedelta(minutes=10)


async def test_a_code_may_be_exchanged_for_a_token_that_speaks_to_a_structure(identity: Identity) -> None:
    await at_home(identity)
    journey = Journey()
    brought = await identity.back(await identity.challenge(journey), CAMILLE.email, PASSWORD)
    refused = await identity.redeem(journey, brought["code"], resource=resource("elsewhere"))
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_target")
    answer = await identity.redeem(journey, brought["code"], resource=resource("la-ruche"))
    assert claims(answer.json()["access_token"])["roles"] == ["MEMBER"]


async def test_only_a_structure_of_the_groupement_is_spoken_to(identity: Identity) -> None:
    tokens = await identity.signed_in(CAMILLE.email, PASSWORD)
    for target in (
        resource("elsewhere"),
        resource("groupement"),
        resource("la-ruche:x"),
        resource("x") * 9,
        "la-ruche",
    ):
        answer = await identity.refresh(tokens["refresh_token"], resource=target)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target"), target


async def test_a_structure_that_left_is_spoken_to_no_more(identity: Identity) -> None:
    tokens = await identity.signed_in(CAMILLE.email, PASSWORD)
    left = {
        "slug": "la-ruche",
        "name": "la-ruche",
        "legal_form": "association",
        "vat_status": "OUT_OF_SCOPE",
        "data_contact": "donnees@la-ruche.example",
        "brand_hue": 30,
        "start_date": "2021-11-01",
        "end_date": "today-1",
    }
    async with identity.db.work() as work:
        await alliance.load(work, {"structures": [left]}, now=identity.hands())
    answer = await identity.refresh(tokens["refresh_token"], resource=resource("la-ruche"))
    assert answer.json()["error"] == "invalid_target"


async def test_a_refresh_token_is_worth_nothing_with_another_certificate(identity: Identity) -> None:
    tokens = await identity.signed_in(CAMILLE.email, PASSWORD)
    stolen = await identity.refresh(tokens["refresh_token"], FORUM)
    assert (stolen.status_code, stolen.json()["error"]) == (401, "invalid_client")
    as_itself = await identity.refresh(tokens["refresh_token"], FORUM, client_id="forum")
    assert as_itself.json()["error"] == "invalid_grant"
    await identity.post("/revoke", FORUM, client_id="forum", token=tokens["refresh_token"])
    assert (await identity.refresh(tokens["refresh_token"])).status_code == 200


async def test_a_refresh_token_nobody_was_given_is_refused(identity: Identity) -> None:
    for token in ("", "made up", "x" * 5000):
        assert (await identity.refresh(token)).status_code == 400


async def test_it_lasts_thirty_days(identity: Identity) -> None:
    tokens = await identity.signed_in(CAMILLE.email, PASSWORD)
    identity.hands.forward(timedelta(days=30) - timedelta(seconds=1))
    assert (await identity.refresh(tokens["refresh_token"])).status_code == 200
    identity.hands.forward(timedelta(seconds=1))
    assert (await identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"


async def test_it_is_kept_as_a_digest_and_forgotten_when_over(identity: Identity) -> None:
    tokens = await identity.signed_in(CAMILLE.email, PASSWORD)
    async with identity.db.reading() as work:
        kept = repr(list(await work.execute(login.select())))
    assert tokens["refresh_token"] not in kept
    async with identity.db.work() as work:
        await oidc.forget_expired(work, identity.hands() + timedelta(days=30))
        assert list(await work.execute(login.select())) == []


async def test_revoking_ends_it_and_unknown_tokens_are_fine(identity: Identity) -> None:
    tokens = await identity.signed_in(CAMILLE.email, PASSWORD)
    for token in ("made up", tokens["refresh_token"], tokens["refresh_token"]):
        assert (await identity.post("/revoke", client_id="portal", token=token)).status_code == 200
    assert (await identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await identity.userinfo(tokens["access_token"])).status_code == 401


async def test_signing_out_ends_that_session_and_no_other(identity: Identity) -> None:
    here, there = [await identity.signed_in(CAMILLE.email, PASSWORD) for _ in range(2)]
    answer = await identity.get(
        "/end_session",
        id_token_hint=here["id_token"],
        client_id="portal",
        post_logout_redirect_uri=f"{PORTAL_URL}/",
        state="mine",
    )
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PORTAL_URL}/?state=mine")
    assert (await identity.refresh(here["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await identity.refresh(there["refresh_token"])).status_code == 200


async def test_an_id_token_that_has_expired_still_signs_out(identity: Identity) -> None:
    tokens = await identity.signed_in(CAMILLE.email, PASSWORD)
    identity.hands.forward(timedelta(days=2))
    answer = await identity.get("/end_session", id_token_hint=tokens["id_token"])
    assert answer.headers["location"] == f"{PORTAL_URL}/"
    assert (await identity.refresh(tokens["refresh_token"])).status_code == 400


async def test_nobody_is_sent_away_to_where_the_client_never_said(identity: Identity) -> None:
    tokens = await identity.signed_in(CAMILLE.email, PASSWORD)
    for wish in (
        {"post_logout_redirect_uri": "https://evil.example/"},
        {"post_logout_redirect_uri": f"{PORTAL_URL}/elsewhere"},
        {"client_id": "forum", "post_logout_redirect_uri": f"{PORTAL_URL}/"},
        {"client_id": "stranger"},
    ):
        for hint in ({"id_token_hint": tokens["id_token"]}, {"client_id": "portal"}):
            answer = await identity.get("/end_session", **{**hint, **wish})
            assert answer.status_code in (400, 401), wish
            assert "location" not in answer.headers, wish
    assert (await identity.refresh(tokens["refresh_token"])).status_code == 200


async def test_without_the_id_token_nobody_is_signed_out(identity: Identity) -> None:
    tokens = await identity.signed_in(CAMILLE.email, PASSWORD)
    answer = await identity.get("/end_session", client_id="portal", post_logout_redirect_uri=f"{PORTAL_URL}/")
    assert answer.headers["location"] == f"{PORTAL_URL}/"
    for forged in (tokens["access_token"], forged_hint(tokens["id_token"]), "x"):
        assert (await identity.get("/end_session", id_token_hint=forged)).status_code == 400
    assert (await identity.refresh(tokens["refresh_token"])).status_code == 200


def forged_hint(id_token: str) -> str:
    """The same claims under another key that takes the same name."""
    head, body, _ = id_token.split(".")
    header = json.loads(base64.urlsafe_b64decode(head + "=="))
    payload = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    return jws.serialize_compact(header, payload, RSAKey.generate_key(2048), ["RS256"])


async def test_a_new_password_ends_every_session_even_one_half_begun(identity: Identity) -> None:
    tokens = await identity.signed_in(CAMILLE.email, PASSWORD)
    journey = Journey()
    request = pb.SignInWithPasswordRequest(
        challenge=await identity.challenge(Journey()), email=CAMILLE.email, password=PASSWORD
    )
    half = (await identity.sign_ins.SignInWithPassword(request)).redirect_url
    brought = await identity.back(await identity.challenge(journey), CAMILLE.email, PASSWORD)
    await identity.people.RequestPasswordReset(people_pb.RequestPasswordResetRequest(email=CAMILLE.email))
    code = code_in(await identity.mails.to(CAMILLE.email))
    new = people_pb.ResetPasswordRequest(code=code, password="une toute autre phrase")
    await identity.people.ResetPassword(new)
    assert (await identity.refresh(tokens["refresh_token"])).json()["error"] == "invalid_grant"
    assert (await identity.redeem(journey, brought["code"])).json()["error"] == "invalid_grant"
    assert (await identity.browser.get(half)).headers["location"] == f"{PORTAL_URL}/connexion"
    assert await identity.signed_in(CAMILLE.email, "une toute autre phrase")
