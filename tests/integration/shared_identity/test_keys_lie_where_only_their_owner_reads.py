"""Signing keys on disk: private ones for their owner alone, public ones for all, new ones beside the old."""

import json
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from servicekit.settings import SettingRefused
from shared_identity import keys
from shared_identity.keys import KeysExposed, KeysMissing

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def published(directory: Path) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = json.loads((directory / "jwks.json").read_text())["keys"]
    return listed


def test_private_keys_are_for_their_owner_and_the_public_ones_for_all(tmp_path: Path) -> None:
    keys.make(tmp_path, NOW)
    private = [*tmp_path.glob("*.pem"), *tmp_path.glob("*.key")]
    assert len(private) == 5
    assert {stat.S_IMODE(path.stat().st_mode) for path in private} == {0o600}
    assert stat.S_IMODE((tmp_path / "jwks.json").stat().st_mode) == 0o644


def test_what_is_published_holds_no_secret(tmp_path: Path) -> None:
    keys.make(tmp_path, NOW)
    secret = {"d", "p", "q", "dp", "dq", "qi", "k", "oth"}
    assert all(not secret & key.keys() for key in published(tmp_path))
    assert [(key["kty"], key["alg"], key["use"]) for key in published(tmp_path)] == [
        ("RSA", "RS256", "sig"),
        ("OKP", "Ed25519", "sig"),
        ("OKP", "Ed25519", "sig"),
    ]
    assert [key["kid"].partition("-")[0] for key in published(tmp_path)] == ["sign", "card", "door"]


def test_making_keys_again_makes_none(tmp_path: Path) -> None:
    assert len(keys.make(tmp_path, NOW)) == 5
    before = published(tmp_path)
    assert keys.make(tmp_path, NOW) == []
    assert published(tmp_path) == before


def test_a_new_key_signs_and_the_former_still_verifies(tmp_path: Path) -> None:
    keys.make(tmp_path, NOW)
    former = keys.read(tmp_path)
    keys.rotate(tmp_path, NOW + timedelta(days=90))
    held = keys.read(tmp_path)
    assert held.signing_key.kid != former.signing_key.kid
    assert held.card_key_id != former.card_key_id
    assert held.door_key.kid != former.door_key.kid
    assert {key["kid"] for key in published(tmp_path)} == {*held.signing, *held.cards, *held.doors}
    assert former.signing_key.kid in held.signing and former.card_key_id in held.cards
    assert (held.codes, held.pairwise) == (former.codes, former.pairwise)


def test_an_installation_of_before_there_were_doors_gets_its_key_when_it_starts(tmp_path: Path) -> None:
    keys.make(tmp_path, NOW)
    next(tmp_path.glob("door-*.pem")).unlink()
    with pytest.raises(KeysMissing, match="door"):
        keys.read(tmp_path)
    former = {path.name for path in tmp_path.glob("*.pem")}
    (made,) = keys.complete(tmp_path, NOW)
    assert made.startswith("door-")
    assert {path.name for path in tmp_path.glob("*.pem")} == {*former, f"{made}.pem"}
    assert made in {key["kid"] for key in published(tmp_path)}


def test_starting_makes_no_keys_where_there_are_none(tmp_path: Path) -> None:
    assert keys.complete(tmp_path, NOW) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_key_that_others_may_read_is_not_used(tmp_path: Path, mode: int) -> None:
    keys.make(tmp_path, NOW)
    for path in (*tmp_path.glob("*.pem"), *tmp_path.glob("*.key")):
        path.chmod(mode)
        with pytest.raises(KeysExposed):
            keys.read(tmp_path)
        path.chmod(0o600)


def test_without_keys_one_line_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(KeysMissing) as refused:
        keys.read(tmp_path)
    assert isinstance(refused.value, SettingRefused)
    assert "GROUPEMENT_KEYS_DIR" in str(refused.value)
