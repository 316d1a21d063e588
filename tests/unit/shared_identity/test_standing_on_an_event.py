"""What somebody may do on an event: as staff by their roles there, else as a delegate, never more than granted."""

from dataclasses import replace

import pytest
from gathering import EVENT, LEAD, MUTUAL, SECOND, VENUE, agreed, an_event, organiser
from reciprocity import NORTH, NOW, SOUTH, WEST
from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import Access, Delegate, Organiser
from shared_identity.joint_events.refused import NoAccessToEvent, UnknownEvent
from shared_identity.joint_events.standing import Standing, is_staff, required, standing_of

DRAFT = an_event(
    organiser(SECOND, structure=SOUTH, access=Access.OWN_REGISTRANTS),
    organiser(VENUE, name="La salle", access=Access.DOOR),
    organiser(MUTUAL, structure=WEST, access=Access.NONE),
)
SHOWN = agreed(DRAFT, SECOND).published(NOW)


def delegate(organiser_id: str, access: Access = Access.MANAGE) -> Delegate:
    return Delegate(
        delegate_id=f"delegate_{organiser_id}",
        event_id=EVENT,
        organiser_id=organiser_id,
        email="somebody@demo.example",
        access=access,
    )


def standing(
    *roles: str, structure: str = NORTH, invited: tuple[Delegate, ...] = (), event: JointEvent = SHOWN
) -> tuple[str, Access] | None:
    found = standing_of(event, structure=structure, roles=roles, delegations=invited)
    return None if found is None else (found.organiser_id, found.access)


@pytest.mark.parametrize(
    ("roles", "access"),
    [
        (("DIRECTOR",), Access.MANAGE),
        (("EVENT_MANAGER",), Access.MANAGE),
        (("COMMUNITY_MANAGER",), Access.OWN_REGISTRANTS),
        (("ADVISOR",), Access.OWN_REGISTRANTS),
        (("ADVISOR", "DIRECTOR"), Access.MANAGE),
    ],
)
def test_staff_goes_as_far_as_its_role(roles: tuple[str, ...], access: Access) -> None:
    assert standing(*roles) == (LEAD, access)


@pytest.mark.parametrize("roles", [(), ("MEMBER",), ("ADMIN",), ("ACCOUNTANT",), ("ADMIN", "MEMBER")])
def test_other_roles_give_nothing(roles: tuple[str, ...]) -> None:
    assert standing(*roles) is None
    assert not is_staff(roles)


def test_nobody_goes_further_than_their_organiser() -> None:
    assert standing("DIRECTOR", structure=SOUTH) == (SECOND, Access.OWN_REGISTRANTS)
    assert standing("DIRECTOR", structure=WEST) is None
    assert standing(invited=(delegate(VENUE),)) == (VENUE, Access.DOOR)
    assert standing(invited=(delegate(MUTUAL),)) is None


def test_a_role_counts_at_its_structure_only() -> None:
    assert standing("DIRECTOR", structure="") is None
    assert standing("DIRECTOR", structure="ailleurs") is None


def test_a_delegate_needs_no_role_and_goes_as_far_as_invited() -> None:
    assert standing(invited=(delegate(LEAD, Access.DOOR),)) == (LEAD, Access.DOOR)
    assert standing("MEMBER", structure=WEST, invited=(delegate(SECOND),)) == (SECOND, Access.OWN_REGISTRANTS)


def test_who_is_staff_acts_as_staff_though_invited_elsewhere() -> None:
    assert standing("ADVISOR", structure=SOUTH, invited=(delegate(LEAD),)) == (SECOND, Access.OWN_REGISTRANTS)


def test_staff_of_an_organiser_that_may_nothing_may_act_as_a_delegate() -> None:
    assert standing("DIRECTOR", structure=WEST, invited=(delegate(VENUE),)) == (VENUE, Access.DOOR)


def test_who_is_invited_twice_acts_where_they_may_do_most() -> None:
    assert standing(invited=(delegate(VENUE), delegate(SECOND))) == (SECOND, Access.OWN_REGISTRANTS)


def test_an_invitation_for_an_organiser_that_left_is_worth_nothing() -> None:
    assert standing(invited=(delegate("organiser_gone"),)) is None


def test_who_must_still_approve_is_granted_more_than_they_may() -> None:
    event, _ = SHOWN.with_organiser(organiser(name="Une mutuelle", access=Access.OWN_REGISTRANTS), "organiser_new")
    found = standing_of(event, structure="", roles=(), delegations=(delegate("organiser_new"),))
    assert found == Standing(organiser_id="organiser_new", access=Access.DOOR, granted=Access.OWN_REGISTRANTS)


@pytest.mark.parametrize(("event", "refusal"), [(DRAFT, UnknownEvent), (SHOWN, NoAccessToEvent)])
def test_without_standing_a_draft_is_not_there(event: JointEvent, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        required(event, None, Access.DOOR)


def test_a_cancelled_draft_is_not_there_either() -> None:
    with pytest.raises(UnknownEvent):
        required(DRAFT.cancelled("Non."), None, Access.DOOR)


@pytest.mark.parametrize("access", list(Access))
def test_what_needs_more_access_is_denied(access: Access) -> None:
    held = Standing(organiser_id=LEAD, access=access, granted=access)
    for needed in Access:
        if needed <= access:
            assert required(DRAFT, held, needed) is held
        else:
            with pytest.raises(NoAccessToEvent):
                required(DRAFT, held, needed)


def test_raising_an_organiser_raises_its_delegates_no_further_than_invited() -> None:
    raised: Organiser = replace(DRAFT.organiser(VENUE), access=Access.MANAGE)
    event, _ = DRAFT.with_organiser(raised, "")
    assert standing(invited=(delegate(VENUE, Access.DOOR),), event=event) == (VENUE, Access.DOOR)
