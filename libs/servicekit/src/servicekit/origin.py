"""Which instance this is: a kind of service run by one structure."""

import re
from dataclasses import dataclass

GROUPEMENT = "groupement"
"""The slug that stands where a structure's would, for what belongs to all."""

TRUST_DOMAIN = "groupement"
_SLUG = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


@dataclass(frozen=True, kw_only=True)
class Origin:
    """An instance, `kind@structure`; it belongs to exactly one structure."""

    structure: str
    kind: str

    def __post_init__(self) -> None:
        for slug in (self.structure, self.kind):
            if not _SLUG.fullmatch(slug):
                raise ValueError(f"not a slug: {slug!r}")

    @classmethod
    def parse(cls, instance: str) -> "Origin":
        """`coworking@la-ruche` as a value; raises ValueError on anything else."""
        kind, at, structure = instance.partition("@")
        if not at:
            raise ValueError(f"not an instance: {instance!r}")
        return cls(structure=structure, kind=kind)

    @property
    def instance(self) -> str:
        """As people and files name it: `coworking@la-ruche`."""
        return f"{self.kind}@{self.structure}"

    @property
    def subject_kind(self) -> str:
        """The kind as a token of a subject: `shared_identity`."""
        return self.kind.replace("-", "_")

    @property
    def spiffe(self) -> str:
        """The URI SAN of its certificate: its identity towards its peers."""
        return f"spiffe://{TRUST_DOMAIN}/{self.kind}/{self.structure}"

    @property
    def dns(self) -> str:
        """The DNS SAN of its certificate: what clients pin, since gRPC refuses URI-only certificates."""
        return f"{self.kind}.{self.structure}.groupement.internal"


def parse_spiffe(uri: str) -> Origin | None:
    """The instance a URI SAN names, or None when it is not one of ours."""
    prefix = f"spiffe://{TRUST_DOMAIN}/"
    kind, slash, structure = uri.removeprefix(prefix).partition("/")
    if not uri.startswith(prefix) or not slash:
        return None
    try:
        return Origin(structure=structure, kind=kind)
    except ValueError:
        return None
