"""A post is borne whole, and each structure sees what it is there."""

import pytest
from groupement.options.v1 import options_pb2
from groupement.shared_identity.v1 import post_pb2
from groupement.type.v1.period_pb2 import Period as PeriodMessage
from reciprocity import CAMILLE, NORTH, SINCE, SOUTH
from servicekit.refusals import Refusal
from shared_identity.posts import wire
from shared_identity.posts.domain import Post, PostShare, SharesIncomplete

POST = "post_" + "1" * 32


def shares(*parts: int) -> tuple[PostShare, ...]:
    bearers = (NORTH, SOUTH, SOUTH)
    return tuple(
        PostShare(structure=bearer, basis_points=part, roles=frozenset({"DIRECTOR"}))
        for bearer, part in zip(bearers, parts, strict=False)
    )


def a_post(*parts: int) -> Post:
    return Post(post_id=POST, title="Direction", person_id=CAMILLE, employer=NORTH, shares=shares(*parts), period=SINCE)


@pytest.mark.parametrize("parts", [(), (9_999,), (5_000, 5_001), (5_000, 2_500, 2_500), (10_000, 0), (11_000, -1_000)])
def test_parts_add_up_to_the_whole_each_structure_bearing_one(parts: tuple[int, ...]) -> None:
    with pytest.raises(SharesIncomplete):
        a_post(*parts)


def test_a_structure_does_not_see_what_the_post_is_elsewhere() -> None:
    seen = a_post(4_000, 6_000).seen_by(SOUTH)
    assert [(share.structure, share.basis_points, set(share.roles)) for share in seen.shares] == [
        (NORTH, 4_000, set()),
        (SOUTH, 6_000, {"DIRECTOR"}),
    ]


def test_a_post_comes_back_as_it_was_said() -> None:
    filled = Post(
        post_id=POST,
        title="Direction",
        person_id=CAMILLE,
        employer=NORTH,
        shares=tuple(sorted(shares(5_000, 5_000), key=lambda share: share.structure)),
        period=SINCE,
    )
    assert wire.post(wire.to_message(filled)) == filled


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"post_id": "post_1"}, "post_id"),
        ({"person_id": "nadia"}, "person_id"),
        ({"title": ""}, "title"),
        ({"shares": []}, "shares"),
        ({"shares": [post_pb2.PostShare(structure=NORTH, roles=[options_pb2.ROLE_MEMBER])]}, "shares.roles"),
        ({"period": PeriodMessage()}, "period.start_date"),
    ],
)
def test_a_malformed_post_is_refused_by_name(changes: dict[str, object], field: str) -> None:
    given: dict[str, object] = {
        "post_id": POST,
        "title": "Direction",
        "person_id": CAMILLE,
        "employer": NORTH,
        "shares": [post_pb2.PostShare(structure=NORTH, basis_points=10_000)],
        "period": PeriodMessage(start_date="2021-12-01"),
    }
    with pytest.raises(Refusal) as refused:
        wire.post(post_pb2.Post(**(given | changes)))  # type: ignore[arg-type]
    assert refused.value.field == field
