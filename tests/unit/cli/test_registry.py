"""The registry file is read whole, or refused in words."""

from pathlib import Path

import pytest
from groupement_cli.exits import MISSING, Trouble
from groupement_cli.registry import read_registry

GOOD = """
[groupement]
name = "Three houses"
[[structures]]
slug = "first"
[[structures]]
slug = "second-house"
[[instances]]
kind = "shared-identity"
structure = "groupement"
[[instances]]
kind = "coworking"
structure = "first"
[[instances]]
kind = "portal"
structure = "groupement"
"""


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "groupement.toml"
    path.write_text(GOOD)
    return path


def test_instances_belong_to_their_structures(written: Path) -> None:
    registry = read_registry(written)
    assert registry.accounts() == ("groupement", "first", "second-house")
    assert [origin.instance for origin in registry.of("first")] == ["coworking@first"]
    assert registry.portal


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('structure = "first"', 'structure = "third"'), "coworking@third belongs to no structure"),
        (('kind = "coworking"', 'kind = "bakery"'), "no service of kind bakery"),
        (('slug = "second-house"', 'slug = "first"'), "stands there twice"),
        (('slug = "first"', 'slug = "First House"'), "not a slug"),
        (('kind = "shared-identity"', 'kind = "incubator"'), "shared-identity@groupement is missing"),
        (('name = "Three houses"', ""), "'name' is missing"),
        (("[groupement]", "[groupement"), "groupement.toml"),
    ],
)
def test_a_wrong_registry_is_refused_in_words(written: Path, change: tuple[str, str], says: str) -> None:
    written.write_text(GOOD.replace(*change))
    with pytest.raises(Trouble, match=says):
        read_registry(written)


def test_a_missing_registry_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(Trouble, match="groupement up") as refused:
        read_registry(tmp_path / "groupement.toml")
    assert refused.value.exit_code == MISSING
