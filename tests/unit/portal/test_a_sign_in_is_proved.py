"""The client's half of a sign-in: its own secrets, the provider's signature, and nowhere else to be sent."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey
from portal.pages.journey import DASHBOARD, safe_path
from portal.proofs import SignInRefused, code_challenge, new_login, roles_in, signing_keys, verified_claims

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KEY, STRANGER = RSAKey.generate_key(2048), RSAKey.generate_key(2048)
ISSUER, CLIENT, NONCE = "https://identite.example", "portal", "n-1"


def id_token(key: RSAKey = KEY, **change: Any) -> str:
    claims = {
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": "person_1",
        "nonce": NONCE,
        "given_name": "Camille",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(minutes=10)).timestamp()),
        **change,
    }
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode({"alg": "RS256", "kid": key.thumbprint()}, claims, key)


def read(token: str) -> dict[str, str]:
    keys = signing_keys({"keys": [KEY.as_dict(private=False, kid=KEY.thumbprint())]})
    return verified_claims(token, keys, issuer=ISSUER, client_id=CLIENT, nonce=NONCE, now=NOW)


def test_a_good_id_token_tells_who_signed_in() -> None:
    assert read(id_token())["sub"] == "person_1"


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://ailleurs.example"},
        {"aud": "forum"},
        {"nonce": "n-2"},
        {"nonce": None},
        {"sub": None},
        {"exp": None},
        {"exp": int((NOW - timedelta(minutes=5)).timestamp())},
    ],
)
def test_an_id_token_that_says_otherwise_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(SignInRefused):
        read(id_token(**change))


def test_an_id_token_signed_by_a_stranger_is_refused() -> None:
    with pytest.raises(SignInRefused):
        read(id_token(STRANGER))


@pytest.mark.parametrize("text", ["", "a.b.c", "e30.e30."])
def test_what_is_no_id_token_is_refused(text: str) -> None:
    with pytest.raises(SignInRefused):
        read(text)


def test_keys_of_cards_do_not_verify_id_tokens() -> None:
    content = {"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}, KEY.as_dict(private=False)]}
    assert isinstance(signing_keys(content), KeySet)
    assert [key.key_type for key in signing_keys(content).keys] == ["RSA"]


def test_the_challenge_is_that_of_the_rfc() -> None:
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert code_challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


def test_no_two_sign_ins_share_a_secret() -> None:
    one, other = new_login("/"), new_login("/")
    assert {one.state, one.nonce, one.verifier}.isdisjoint({other.state, other.nonce, other.verifier})
    assert 43 <= len(one.verifier) <= 128


def test_roles_are_read_from_a_token_and_none_from_nonsense() -> None:
    body = base64.urlsafe_b64encode(json.dumps({"roles": ["ADVISOR"]}).encode()).rstrip(b"=").decode()
    assert roles_in(f"e30.{body}.sig") == {"ADVISOR"}
    assert roles_in("opaque") == roles_in("a.%%%.c") == roles_in("a.AAAA.c") == frozenset()


@pytest.mark.parametrize("path", ["/espaces", "/candidater/inter-made/p1", "/espaces/a/b?jour=2026-11-30"])
def test_one_returns_to_where_one_was(path: str) -> None:
    assert safe_path(path) == path


@pytest.mark.parametrize(
    "path",
    ["", "https://ailleurs.example", "//ailleurs.example", "/\\ailleurs.example", "/a\\b", "javascript:x", "/a\r\nb"],
)
def test_one_is_never_sent_elsewhere(path: str) -> None:
    assert safe_path(path) == DASHBOARD
