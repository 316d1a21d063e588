"""Access tokens: what is accepted, and above all what is not."""

import base64
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from joserfc import jws
from joserfc.jwk import ECKey, KeySet, OctKey, RSAKey
from servicekit.refusals import Unauthenticated
from servicekit.tokens import (
    KeysMissing,
    Token,
    TokenExpired,
    TokenForAnotherStructure,
    TokenInvalid,
    TokenVerifier,
    sign,
)

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
ISSUER = "https://identity.example"
KEY = RSAKey.generate_key(2048, {"use": "sig"}, auto_kid=True)
CLAIMS: dict[str, object] = {
    "iss": ISSUER,
    "sub": "person_1",
    "aud": "la-place",
    "roles": ["ADVISOR"],
    "exp": int((NOW + timedelta(minutes=10)).timestamp()),
}


@pytest.fixture
def jwks(tmp_path: Path) -> Path:
    path = tmp_path / "jwks.json"
    publish(path, KEY)
    return path


def publish(path: Path, *keys: RSAKey | ECKey | OctKey) -> None:
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(KeySet(list(keys)).as_dict(private=False)))
    fresh.replace(path)


def verifier(jwks: Path, audience: str | None = "la-place") -> TokenVerifier:
    return TokenVerifier(jwks, issuer=ISSUER, audience=audience)


def token(key: RSAKey = KEY, structure: str = "la-place", life: timedelta = timedelta(minutes=10)) -> str:
    held = Token(person_id="person_1", structure=structure, roles=frozenset({"ADVISOR"}), expires_at=NOW + life)
    return sign(held, key=key, issuer=ISSUER, client_id="portal", issued_at=NOW)


def forged(header: dict[str, str], claims: dict[str, object]) -> str:
    """A token signed by the right key, whatever it says."""
    full = {"alg": "RS256", "typ": "at+jwt", "kid": KEY.kid or "", **header}
    return jws.serialize_compact(full, json.dumps(claims).encode(), KEY, ["RS256"])


def encoded(part: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")


def test_a_token_says_who_where_in_which_roles_and_until_when(jwks: Path) -> None:
    read = verifier(jwks).verify(token(), NOW)
    assert read == Token(
        person_id="person_1",
        structure="la-place",
        roles=frozenset({"ADVISOR"}),
        expires_at=NOW + timedelta(minutes=10),
    )


def test_a_token_of_another_structure_is_refused(jwks: Path) -> None:
    with pytest.raises(TokenForAnotherStructure):
        verifier(jwks).verify(token(structure="la-fabrique"), NOW)


def test_who_serves_all_structures_accepts_the_tokens_of_any(jwks: Path) -> None:
    assert verifier(jwks, None).verify(token(structure="la-fabrique"), NOW).structure == "la-fabrique"


def test_a_token_expires_even_when_it_was_verified_before(jwks: Path) -> None:
    held, text = verifier(jwks), token()
    held.verify(text, NOW)
    with pytest.raises(TokenExpired):
        held.verify(text, NOW + timedelta(minutes=10))


def test_a_token_signed_by_another_key_is_refused(jwks: Path) -> None:
    stranger = RSAKey.generate_key(2048, {"kid": KEY.kid or ""})
    with pytest.raises(TokenInvalid):
        verifier(jwks).verify(token(key=stranger), NOW)


def test_an_unsigned_token_is_refused(jwks: Path) -> None:
    signed = f"{encoded({'alg': 'none', 'typ': 'at+jwt', 'kid': KEY.kid})}.{encoded(CLAIMS)}"
    for signature in ("", "AAAA"):
        with pytest.raises(TokenInvalid):
            verifier(jwks).verify(f"{signed}.{signature}", NOW)


def test_the_public_key_used_as_a_shared_secret_is_refused(jwks: Path) -> None:
    for secret in (KEY.as_pem(private=False), json.dumps(KEY.as_dict(private=False)).encode()):
        signed = f"{encoded({'alg': 'HS256', 'typ': 'at+jwt', 'kid': KEY.kid})}.{encoded(CLAIMS)}"
        mac = hmac.digest(secret, signed.encode(), "sha256")
        with pytest.raises(TokenInvalid):
            verifier(jwks).verify(f"{signed}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}", NOW)


def test_a_published_key_of_another_type_verifies_nothing(jwks: Path) -> None:
    curve = ECKey.generate_key("P-256", {"kid": "curve"})
    publish(jwks, KEY, curve)
    header = {"alg": "ES256", "typ": "at+jwt", "kid": "curve"}
    text = jws.serialize_compact(header, json.dumps(CLAIMS).encode(), curve, ["ES256"])
    with pytest.raises(TokenInvalid):
        verifier(jwks).verify(text, NOW)


def test_an_identity_token_is_not_an_access_token(jwks: Path) -> None:
    with pytest.raises(TokenInvalid):
        verifier(jwks, None).verify(forged({"typ": "JWT"}, CLAIMS), NOW)


@pytest.mark.parametrize(
    "claims",
    [
        {**CLAIMS, "iss": "https://elsewhere.example"},
        {**CLAIMS, "sub": ""},
        {**CLAIMS, "sub": 7},
        {**CLAIMS, "aud": ["la-place", "la-fabrique"]},
        {**CLAIMS, "aud": "groupement"},
        {**CLAIMS, "aud": ""},
        {**CLAIMS, "roles": "ADMIN"},
        {**CLAIMS, "roles": {"ADMIN": 1}},
        {**CLAIMS, "roles": [1]},
        {**CLAIMS, "roles": None},
        {**CLAIMS, "exp": "tomorrow"},
        {**CLAIMS, "exp": True},
        {**CLAIMS, "exp": 10**30},
        {key: value for key, value in CLAIMS.items() if key != "exp"},
        {key: value for key, value in CLAIMS.items() if key != "roles"},
    ],
)
def test_a_signed_token_with_claims_that_are_not_ours_is_refused(jwks: Path, claims: dict[str, object]) -> None:
    with pytest.raises(TokenInvalid):
        verifier(jwks, None).verify(forged({}, claims), NOW)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "é" * 20, "\ud800", "x" * 100_000, "e30.e30.e30", "W10.W10.W10"]
)
def test_text_that_is_no_token_is_refused_as_such(jwks: Path, text: str) -> None:
    with pytest.raises(Unauthenticated):
        verifier(jwks).verify(text, NOW)


def test_a_new_key_is_taken_up_and_one_withdrawn_is_dropped_with_what_it_signed(jwks: Path) -> None:
    seconds = [0.0]
    held = TokenVerifier(jwks, issuer=ISSUER, audience=None, monotonic=lambda: seconds[0])
    old = token()
    held.verify(old, NOW)
    fresh = RSAKey.generate_key(2048, auto_kid=True)
    publish(jwks, fresh)
    assert held.verify(token(key=fresh), NOW).person_id == "person_1"
    with pytest.raises(TokenInvalid):
        held.verify(old, NOW)


def test_a_withdrawn_key_is_dropped_within_a_second_without_any_new_token(jwks: Path) -> None:
    seconds = [0.0]
    held = TokenVerifier(jwks, issuer=ISSUER, audience=None, monotonic=lambda: seconds[0])
    old = token()
    held.verify(old, NOW)
    publish(jwks, RSAKey.generate_key(2048, auto_kid=True))
    seconds[0] = 1.0
    with pytest.raises(TokenInvalid):
        held.verify(old, NOW)


def test_keys_half_written_or_gone_leave_the_last_good_ones_in_use(jwks: Path) -> None:
    seconds = [0.0]
    held = TokenVerifier(jwks, issuer=ISSUER, audience=None, monotonic=lambda: seconds[0])
    held.verify(token(), NOW)
    for spoil in (lambda: jwks.write_text('{"keys": ['), jwks.unlink):
        spoil()
        seconds[0] += 10
        assert held.verify(token(life=timedelta(minutes=seconds[0])), NOW).person_id == "person_1"


def test_without_keys_the_service_says_it_cannot_answer_until_they_are_there(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    held = verifier(path)
    with pytest.raises(KeysMissing):
        held.verify(token(), NOW)
    publish(path, KEY)
    assert held.verify(token(), NOW).person_id == "person_1"


def test_a_verified_token_is_verified_without_its_keys_being_read_again(jwks: Path) -> None:
    held, text = verifier(jwks), token()
    held.verify(text, NOW)
    tampered = text[:-4] + ("AAAA" if not text.endswith("AAAA") else "BBBB")
    with pytest.raises(TokenInvalid):
        held.verify(tampered, NOW)
    jwks.unlink()
    assert held.verify(text, NOW).person_id == "person_1"
