"""A post: one person, several structures, who bears what part of it, which roles it carries where."""

from dataclasses import dataclass

from servicekit.refusals import Invalid

from shared_identity.days import Period

WHOLE = 10_000
"""The parts of a post add up to this many ten-thousandths."""


class PostMalformed(Invalid):
    """A post and who holds it are named by identifiers, and it carries roles of staff."""


class SharesIncomplete(Invalid):
    """The parts of a post add up to 10,000 ten-thousandths, each structure bearing one."""


class EmployerUnknown(Invalid):
    """The employer of a post is a structure of the groupement."""


class BearerUnknown(Invalid):
    """Who bears a part of a post is a structure of the groupement."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PostShare:
    """The part one structure bears, in ten-thousandths, and the roles the post carries there."""

    structure: str
    basis_points: int
    roles: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """A job held for several structures; `employer` signed the contract of employment."""

    post_id: str
    title: str
    person_id: str
    employer: str
    shares: tuple[PostShare, ...]
    period: Period

    def __post_init__(self) -> None:
        """Raises SharesIncomplete."""
        bearers = {share.structure for share in self.shares}
        whole = sum(share.basis_points for share in self.shares) == WHOLE
        if not whole or len(bearers) < len(self.shares) or any(share.basis_points <= 0 for share in self.shares):
            raise SharesIncomplete(field="shares")

    def structures(self) -> set[str]:
        """Every structure it names."""
        return {self.employer, *(share.structure for share in self.shares)}

    def seen_by(self, structure: str) -> "Post":
        """What a structure that bears a part may see: what a person is elsewhere is not told."""
        shares = tuple(share if share.structure == structure else _without_roles(share) for share in self.shares)
        return Post(
            post_id=self.post_id,
            title=self.title,
            person_id=self.person_id,
            employer=self.employer,
            shares=shares,
            period=self.period,
        )


def _without_roles(share: PostShare) -> PostShare:
    return PostShare(structure=share.structure, basis_points=share.basis_points)
