"""PersonService and SignInService as the portal calls them, with real mail."""

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from google.protobuf.field_mask_pb2 import FieldMask
from groupement.shared_identity.v1 import person_pb2
from groupement.shared_identity.v1 import person_service_pb2 as pb
from groupement.shared_identity.v1 import sign_in_service_pb2 as sign_in_pb
from groupement.shared_identity.v1.person_service_pb2_grpc import PersonServiceStub
from groupement.shared_identity.v1.sign_in_service_pb2_grpc import SignInServiceStub
from identity import CAMILLE, PASSWORD, SAM, person_of, rows
from identity_house import PORTAL_URL, Identity, Journey, code_in, link_in
from joserfc import jws
from joserfc.jwk import KeySet
from servicekit.origin import Origin
from servicekit.refusals import Denied, Exhausted, Invalid, NotFound, Refusal, Stale, Unauthenticated
from servicekit.sql.tables import answer
from shared_identity import alliance
from shared_identity.mail.storage import letter
from shared_identity.people.storage import person

NEW = "nouvelle@demo.example"
POST = {
    "post_id": "post_01990000000070008000000000000001",
    "title": "Direction",
    "person_id": CAMILLE.person_id,
    "employer": "la-ruche",
    "start_date": "2021-11-01",
    "shares": [{"structure": "la-ruche", "basis_points": 10000, "roles": ["DIRECTOR"]}],
}


def registering(**changes: str) -> pb.RegisterPersonRequest:
    """A registration."""
    said = {"email": NEW, "given_name": "Nouvelle", "family_name": "Venue", "password": PASSWORD}
    return pb.RegisterPersonRequest(**{**said, **changes})


async def in_the_name_of(identity: Identity, email: str, structure: str = "la-ruche") -> dict[str, Any]:
    """The options of a call by somebody."""
    tokens = await identity.signed_in(email, PASSWORD)
    return await identity.speaking_to(tokens["refresh_token"], structure)


async def test_somebody_registers_proves_the_address_and_signs_in(identity: Identity) -> None:
    await identity.people.RegisterPerson(registering(email=" Nouvelle@Demo.Example "))
    mail = await identity.mails.to(NEW)
    assert link_in(mail).startswith(f"{PORTAL_URL}/verifier?code=")
    with pytest.raises(Unauthenticated):
        await identity.signed_in(NEW, PASSWORD)
    await identity.people.VerifyEmail(pb.VerifyEmailRequest(code=code_in(mail)))
    me = await identity.people.GetMyself(pb.GetMyselfRequest(), **await in_the_name_of(identity, NEW))
    assert (me.person.email, me.person.given_name, me.person.has_password) == (NEW, "Nouvelle", True)
    assert me.person.email_verified and me.person.locale == "fr"


async def test_registering_somebody_known_looks_the_same_and_writes_to_them(identity: Identity) -> None:
    known = await identity.people.RegisterPerson(registering(email=CAMILLE.email, locale="en"))
    unknown = await identity.people.RegisterPerson(registering(locale="en"))
    assert known == unknown == pb.RegisterPersonResponse()
    assert (await identity.mails.to(CAMILLE.email))["Subject"] == "Vous avez déjà un compte"
    assert (await identity.mails.to(NEW))["Subject"] == "Confirm your address"


async def test_a_registration_that_cannot_be_is_refused_by_its_field(identity: Identity) -> None:
    for changes, field, reason in (
        ({"email": "nouvelle"}, "email", "MALFORMED_EMAIL"),
        ({"given_name": " "}, "given_name", "NAME_MISSING"),
        ({"family_name": ""}, "family_name", "NAME_MISSING"),
        ({"password": "court"}, "password", "WEAK_PASSWORD"),
        ({"password": "qwertyuiop123"}, "password", "WEAK_PASSWORD"),
        ({"locale": "de"}, "locale", "UNKNOWN_LOCALE"),
        ({"request_id": "no spaces"}, "request_id", "REQUEST_ID_MALFORMED"),
    ):
        with pytest.raises(Invalid) as refused:
            await identity.people.RegisterPerson(registering(**changes))
        assert (refused.value.field, refused.value.reason) == (field, reason)
    assert len(await rows(identity.db, person)) == 2


async def test_a_request_repeated_writes_once_and_keeps_nothing_of_the_password(identity: Identity) -> None:
    request = registering(request_id="again-1")
    for _ in range(3):
        await identity.people.RegisterPerson(request)
    await identity.mails.to(NEW)
    await asyncio.sleep(1.2)
    assert len([mail for mail in identity.mails.got if mail["To"] == NEW]) == 1
    other = registering(request_id="again-1", password="une phrase différente")
    await identity.people.RegisterPerson(other)
    digests = {row.digest for row in await rows(identity.db, answer)}
    assert len(digests) == 1
    with pytest.raises(Invalid) as refused:
        await identity.people.RegisterPerson(registering(request_id="again-1", given_name="Autre"))
    assert refused.value.reason == "REQUEST_ID_REUSED"


async def test_a_code_opens_once_and_says_so_kindly(identity: Identity) -> None:
    await identity.people.RegisterPerson(registering())
    code = code_in(await identity.mails.to(NEW))
    again = pb.VerifyEmailRequest(code=code, request_id="prove-1")
    for _ in range(2):
        await identity.people.VerifyEmail(again)
    for spent in (code, "never", ""):
        with pytest.raises(NotFound) as refused:
            await identity.people.VerifyEmail(pb.VerifyEmailRequest(code=spent))
        assert (refused.value.reason, refused.value.field) == ("UNKNOWN_CODE", "code")


async def test_a_forgotten_password_is_replaced(identity: Identity) -> None:
    for email in (CAMILLE.email, "nobody@demo.example"):
        said = await identity.people.RequestPasswordReset(pb.RequestPasswordResetRequest(email=email))
        assert said == pb.RequestPasswordResetResponse()
    mail = await identity.mails.to(CAMILLE.email)
    assert link_in(mail).startswith(f"{PORTAL_URL}/nouveau-mot-de-passe?code=")
    with pytest.raises(Invalid) as refused:
        await identity.people.ResetPassword(pb.ResetPasswordRequest(code=code_in(mail), password="court"))
    assert refused.value.reason == "WEAK_PASSWORD"
    new = "encore une phrase longue"
    await identity.people.ResetPassword(pb.ResetPasswordRequest(code=code_in(mail), password=new, request_id="r1"))
    assert await identity.signed_in(CAMILLE.email, new)
    with pytest.raises(Unauthenticated):
        await identity.signed_in(CAMILLE.email, PASSWORD)
    assert [mail["To"] for mail in identity.mails.got] == [CAMILLE.email]


async def test_somebody_changes_what_they_name_and_nothing_else(identity: Identity) -> None:
    call = await in_the_name_of(identity, CAMILLE.email)
    new = person_pb2.Person(given_name="Cam", family_name="Ignored", email="evil@demo.example", locale="en")
    mask = FieldMask(paths=["given_name", "locale"])
    changed = await identity.people.UpdateMyself(pb.UpdateMyselfRequest(person=new, update_mask=mask), **call)
    kept = await person_of(identity.db, CAMILLE.email)
    assert (kept.given_name, kept.family_name, kept.locale) == ("Cam", "Fictive", "en")
    assert changed.person.etag == '"2"'
    for path, field in (("email", "update_mask"), ("given_name", "person.given_name"), ("locale", "person.locale")):
        unfit = person_pb2.Person(locale="de")
        refused_change = pb.UpdateMyselfRequest(person=unfit, update_mask=FieldMask(paths=[path]))
        with pytest.raises(Invalid) as refused:
            await identity.people.UpdateMyself(refused_change, **call)
        assert refused.value.field == field
    stale = pb.UpdateMyselfRequest(person=person_pb2.Person(locale="fr", etag='"1"'))
    with pytest.raises(Stale):
        await identity.people.UpdateMyself(stale, **call)


async def test_a_card_is_read_with_the_keys_on_disk_until_it_is_replaced(identity: Identity) -> None:
    call = await in_the_name_of(identity, CAMILLE.email)
    first = (await identity.people.GetMyCard(pb.GetMyCardRequest(), **call)).card
    again = (await identity.people.GetMyCard(pb.GetMyCardRequest(), **call)).card
    assert first == again
    published = KeySet.import_key_set(json.loads(identity.settings.instance.jwks_file.read_text()))
    code = jws.deserialize_compact(first.code.encode(), published, ["Ed25519"])
    said = json.loads(code.payload or b"")
    assert (said["jti"], said["sub"]) == (first.card_id, CAMILLE.person_id)
    assert said["exp"] == first.expire_time.seconds
    assert code.headers()["kid"].startswith("card-")
    assert "Camille" not in str(said)
    replacing = pb.ReplaceMyCardRequest(request_id="lost-1")
    new = [(await identity.people.ReplaceMyCard(replacing, **call)).card for _ in range(2)]
    assert new[0] == new[1] != first
    assert (await identity.people.GetMyCard(pb.GetMyCardRequest(), **call)).card == new[0]


async def test_names_are_read_by_staff_and_only_of_those_the_structure_knows(identity: Identity) -> None:
    async with identity.db.work() as work:
        await alliance.load(work, {"posts": [POST]}, now=identity.hands())
    asked = pb.LookUpNamesRequest(person_ids=[SAM.person_id, CAMILLE.person_id, "person_unknown"])
    read = await identity.people.LookUpNames(asked, **await in_the_name_of(identity, CAMILLE.email))
    assert [(name.person_id, name.given_name) for name in read.names] == [(CAMILLE.person_id, "Camille")]
    many = pb.LookUpNamesRequest(person_ids=[f"person_{n}" for n in range(201)])
    with pytest.raises(Invalid) as refused:
        await identity.people.LookUpNames(many, **await in_the_name_of(identity, CAMILLE.email))
    assert refused.value.reason == "TOO_MANY_NAMES"
    for email, structure in ((SAM.email, "la-ruche"), (CAMILLE.email, "inter-made")):
        with pytest.raises(Denied):
            await identity.people.LookUpNames(asked, **await in_the_name_of(identity, email, structure))


async def test_nobody_reads_or_changes_anybody_without_signing_in(identity: Identity) -> None:
    for call, request in (
        (identity.people.GetMyself, pb.GetMyselfRequest()),
        (identity.people.UpdateMyself, pb.UpdateMyselfRequest()),
        (identity.people.GetMyCard, pb.GetMyCardRequest()),
        (identity.people.ReplaceMyCard, pb.ReplaceMyCardRequest()),
        (identity.people.LookUpNames, pb.LookUpNamesRequest()),
    ):
        with pytest.raises(Unauthenticated):
            await call(request)


async def test_only_a_portal_asks_for_people_and_sign_ins(identity: Identity) -> None:
    for kind in ("incubator", "coworking", "door"):
        await refused_to(identity, kind)


async def refused_to(identity: Identity, kind: str) -> None:
    """Another kind of peer tries every door, with a token that is good at the portal's."""
    channel = identity.channel(Origin(structure="la-ruche", kind=kind))
    people, sign_ins = PersonServiceStub(channel), SignInServiceStub(channel)
    call = await in_the_name_of(identity, CAMILLE.email)
    tries: list[tuple[Any, Any, dict[str, Any]]] = [
        (people.RegisterPerson, registering(), {}),
        (people.RequestPasswordReset, pb.RequestPasswordResetRequest(email=CAMILLE.email), {}),
        (people.GetMyself, pb.GetMyselfRequest(), call),
        (people.GetMyCard, pb.GetMyCardRequest(), call),
        (sign_ins.GetChallenge, sign_in_pb.GetChallengeRequest(challenge="x"), {}),
        (sign_ins.SignInWithPassword, sign_in_pb.SignInWithPasswordRequest(), {}),
        (sign_ins.SendSignInLink, sign_in_pb.SendSignInLinkRequest(), {}),
        (sign_ins.SignInWithLink, sign_in_pb.SignInWithLinkRequest(), {}),
    ]
    for ask, request, options in tries:
        with pytest.raises(Denied):
            await ask(request, **options)


async def test_the_wrong_password_is_refused_alike_and_runs_out(identity: Identity) -> None:
    challenge = await identity.challenge(Journey())
    refusals: list[Refusal] = []
    for email in (CAMILLE.email, "nobody@demo.example"):
        request = sign_in_pb.SignInWithPasswordRequest(challenge=challenge, email=email, password="wrong")
        with pytest.raises(Unauthenticated) as refused:
            await identity.sign_ins.SignInWithPassword(request)
        refusals.append(refused.value)
    assert len({(one.reason, one.message, one.field) for one in refusals}) == 1
    request = sign_in_pb.SignInWithPasswordRequest(challenge=challenge, email=CAMILLE.email, password="wrong")
    for _ in range(9):
        with pytest.raises(Unauthenticated):
            await identity.sign_ins.SignInWithPassword(request)
    with pytest.raises(Exhausted) as exhausted:
        await identity.sign_ins.SignInWithPassword(request)
    assert exhausted.value.reason == "TOO_MANY_TRIES"


async def test_an_unknown_address_is_mailed_an_offer_to_register(identity: Identity) -> None:
    challenge = await identity.challenge(Journey())
    for email in ("nobody@demo.example", CAMILLE.email):
        request = sign_in_pb.SendSignInLinkRequest(challenge=challenge, email=email, locale="en")
        assert await identity.sign_ins.SendSignInLink(request) == sign_in_pb.SendSignInLinkResponse()
    assert link_in(await identity.mails.to("nobody@demo.example")) == f"{PORTAL_URL}/inscription"
    assert link_in(await identity.mails.to(CAMILLE.email)).startswith(f"{PORTAL_URL}/lien?code=")


async def test_mail_waits_for_a_server_that_is_away(identity: Identity) -> None:
    identity.mails.refusing = True
    await identity.people.RegisterPerson(registering())
    await asyncio.sleep(1.5)
    assert identity.mails.got == []
    identity.mails.refusing = False
    identity.hands.forward(timedelta(hours=1))
    assert code_in(await identity.mails.to(NEW))


async def test_an_address_nobody_has_is_not_written_to_again(identity: Identity) -> None:
    gone = "gone@demo.example"
    await identity.people.RegisterPerson(registering(email=gone))
    await identity.people.RegisterPerson(registering())
    await identity.mails.to(NEW)
    identity.hands.forward(timedelta(hours=1))
    await asyncio.sleep(1.2)
    assert identity.mails.asked.count(gone) == 1
    assert await rows(identity.db, letter) == []
