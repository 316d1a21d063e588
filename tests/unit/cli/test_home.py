"""The data directory: writable or refused, held by one house at a time, its secrets its owner's."""

import os
from pathlib import Path

import pytest
from groupement_cli.exits import CONFLICT, MISSING, Trouble
from groupement_cli.home import open_home, sole_user, write_private
from groupement_cli.keys import make_keys, make_password
from groupement_cli.registry import read_registry

DEMO = Path(__file__).resolve().parents[3] / "deploy" / "demo" / "groupement.toml"


def test_a_directory_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Trouble, match="GROUPEMENT_HOME") as refused:
        open_home(tmp_path / "file" / "home")
    assert refused.value.exit_code == MISSING


def test_a_second_house_on_the_same_directory_is_refused(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with sole_user(home):
        with pytest.raises(Trouble, match="already running") as refused, sole_user(home):
            pass
        assert refused.value.exit_code == CONFLICT
    with sole_user(home):
        pass


def test_what_is_private_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    os.umask(0o022)
    write_private(tmp_path / "secret", "x")
    assert (tmp_path / "secret").stat().st_mode & 0o777 == 0o600


def test_keys_are_made_once_and_kept_private(tmp_path: Path) -> None:
    home, registry = open_home(tmp_path), read_registry(DEMO)
    make_keys(home, registry)
    secrets = [*home.pki.glob("*.key"), *home.root.glob("nkeys/*.nk"), home.cookie_key]
    before = {path: path.read_bytes() for path in secrets}
    make_keys(home, registry)
    assert {path: path.read_bytes() for path in secrets} == before
    assert {path.stat().st_mode & 0o077 for path in secrets} == {0}


def test_passwords_are_never_twice_the_same() -> None:
    assert len({make_password() for _ in range(200)}) == 200
