"""The registry file: the groupement, its structures, and the instances each runs."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from servicekit.origin import GROUPEMENT, Origin

from groupement_cli.exits import FAILED, MISSING, Trouble

PORTAL = Origin(structure=GROUPEMENT, kind="portal")
SHARED_IDENTITY = Origin(structure=GROUPEMENT, kind="shared-identity")
MODULES: Mapping[str, str] = {
    "shared-identity": "shared_identity",
    "incubator": "incubator",
    "coworking": "coworking",
    "portal": "portal",
}
"""The module that runs each kind of service."""


@dataclass(frozen=True, kw_only=True)
class Registry:
    """What the registry says. `instances` keeps the order of the file; the portal is not among them."""

    name: str
    structures: tuple[str, ...]
    instances: tuple[Origin, ...]
    portal: bool

    def accounts(self) -> tuple[str, ...]:
        """The owners of an account on the bus: the groupement, then each structure."""
        return (GROUPEMENT, *self.structures)

    def of(self, structure: str) -> tuple[Origin, ...]:
        """The instances of one structure, or of the groupement itself."""
        return tuple(origin for origin in self.instances if origin.structure == structure)


def read_registry(path: Path) -> Registry:
    """The registry in a file; a Trouble that says what is wrong with it."""
    try:
        content = tomllib.loads(path.read_text())
        registry = _registry(content)
    except FileNotFoundError:
        raise Trouble(f"there is no {path}; `groupement up` makes one", code=MISSING) from None
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, ValueError) as error:
        raise Trouble(f"{path}: {_words(error)}", code=FAILED) from None
    _check(registry, path)
    return registry


def _registry(content: Mapping[str, object]) -> Registry:
    groupement, structures, instances = content["groupement"], content["structures"], content["instances"]
    if not isinstance(groupement, dict) or not isinstance(structures, list) or not isinstance(instances, list):
        raise TypeError("[groupement], [[structures]] and [[instances]] are expected")
    origins = [Origin(structure=entry["structure"], kind=entry["kind"]) for entry in instances]
    return Registry(
        name=str(groupement["name"]),
        structures=tuple(Origin(structure=entry["slug"], kind="any").structure for entry in structures),
        instances=tuple(origin for origin in origins if origin.kind != PORTAL.kind),
        portal=PORTAL in origins,
    )


def _check(registry: Registry, path: Path) -> None:
    known = set(registry.accounts())
    for origin in registry.instances:
        if origin.structure not in known:
            raise Trouble(f"{path}: {origin.instance} belongs to no structure of the registry")
        if origin.kind not in MODULES:
            raise Trouble(f"{path}: there is no service of kind {origin.kind}")
    if len(set(registry.instances)) != len(registry.instances) or len(known) != len(registry.accounts()):
        raise Trouble(f"{path}: a structure or an instance stands there twice")
    if SHARED_IDENTITY not in registry.instances:
        raise Trouble(f"{path}: {SHARED_IDENTITY.instance} is missing")


def _words(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
