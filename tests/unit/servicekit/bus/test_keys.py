"""Seed files: made once, readable by their owner only, never shown."""

import re
import stat
from pathlib import Path

import pytest
from servicekit.bus.keys import make_key, public_key


def test_a_seed_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "nkeys" / "north.owner.nk"
    public = make_key(path)
    assert re.fullmatch(r"U[A-Z2-7]{55}", public)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert make_key(path) == public_key(path) == public


def test_two_users_never_share_a_key(tmp_path: Path) -> None:
    assert make_key(tmp_path / "a.nk") != make_key(tmp_path / "b.nk")


@pytest.mark.parametrize("content", [b"", b"SUAsecretsecret", b"hunter2", b"S" * 58])
def test_what_is_no_seed_is_refused_without_being_shown(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.nk"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="nkey seed") as refused:
        public_key(path)
    assert not content or content.decode() not in str(refused.value)
    assert refused.value.__suppress_context__
