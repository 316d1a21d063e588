"""Posts as messages, and back."""

from groupement.options.v1 import options_pb2
from groupement.shared_identity.v1 import post_pb2
from servicekit.fields import check_text
from servicekit.identifiers import is_id
from servicekit.staff import ROLES

from shared_identity.periods import period, period_message
from shared_identity.posts.domain import Post, PostMalformed, PostShare

_LONGEST = 200


def post(message: post_pb2.Post) -> Post:
    """A post as said; raises Invalid naming the field."""
    _check(is_id(message.post_id, "post"), "post_id")
    _check(is_id(message.person_id, "person"), "person_id")
    check_text("title", message.title, most=_LONGEST)
    return Post(
        post_id=message.post_id,
        title=message.title,
        person_id=message.person_id,
        employer=message.employer,
        shares=tuple(sorted((_share(share) for share in message.shares), key=lambda share: share.structure)),
        period=period("period", message.period),
    )


def to_message(filled: Post) -> post_pb2.Post:
    """A post as its structures read it."""
    return post_pb2.Post(
        post_id=filled.post_id,
        title=filled.title,
        person_id=filled.person_id,
        employer=filled.employer,
        shares=[_share_message(share) for share in filled.shares],
        period=period_message(filled.period),
    )


def _share(message: post_pb2.PostShare) -> PostShare:
    roles = frozenset(_role(number) for number in message.roles)
    return PostShare(structure=message.structure, basis_points=message.basis_points, roles=roles)


def _role(number: "options_pb2.Role.ValueType") -> str:
    known = options_pb2.Role.DESCRIPTOR.values_by_number.get(number)
    name = "" if known is None else known.name.removeprefix("ROLE_")
    _check(name in ROLES, "shares.roles")
    return name


def _share_message(share: PostShare) -> post_pb2.PostShare:
    roles = [options_pb2.Role.Value(f"ROLE_{role}") for role in sorted(share.roles)]
    return post_pb2.PostShare(structure=share.structure, basis_points=share.basis_points, roles=roles)


def _check(right: bool, field: str) -> None:
    if not right:
        raise PostMalformed(field=field)
