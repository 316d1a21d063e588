"""A joint event is managed by somebody, agreed upon before it is published, and shows the public what it should."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from gathering import (
    ENDS,
    HOUSING,
    LEAD,
    MUTUAL,
    QUIET,
    SECOND,
    STARTS,
    VENUE,
    WORKSHOP,
    agreed,
    an_event,
    arrangement,
    details,
    organiser,
    question,
    workshop,
)
from reciprocity import NORTH, NOW, SOUTH
from servicekit.refusals import Refusal
from shared_identity.joint_events.domain import MOST_CHALLENGES, JointEvent
from shared_identity.joint_events.parts import Access, Challenge, Question, QuestionKind, State
from shared_identity.joint_events.refused import (
    AlreadyOrganising,
    AlreadyPublished,
    ArrangementChanged,
    ArrangementNotApproved,
    ChoicesMissing,
    EndsBeforeItStarts,
    EventNotOver,
    EventOver,
    LastManager,
    OrganiserFixed,
    OrganiserHasDuties,
    SessionOutsideEvent,
    SlugFinal,
    TooManyParts,
    UnknownEventChallenge,
    UnknownOrganiser,
    UnknownQuestion,
    UnknownSession,
)

THE_SOUTH = organiser(SECOND, structure=SOUTH, name="Le-Sud", access=Access.MANAGE)
THE_VENUE = organiser(VENUE, name="La salle")
HIDDEN = organiser(QUIET, name="Qui ne se montre pas", shown=False, access=Access.OWN_REGISTRANTS)
HOUSED = Challenge(challenge_id=HOUSING, title="Se loger")
NAMED = organiser(MUTUAL, name="Une mutuelle", access=Access.NONE)


def published(*more: JointEvent) -> JointEvent:
    event = more[0] if more else an_event()
    approvers = [held.organiser_id for held in event.organisers if held.sees_registrants]
    return agreed(event, *approvers).published(NOW).settled(event)


def test_what_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(EndsBeforeItStarts):
        details(ends_at=STARTS)
    with pytest.raises(EndsBeforeItStarts):
        workshop(ends_at=STARTS)


@pytest.mark.parametrize(
    "choices", [(), ("seul",), ("deux", "deux"), tuple(map(str, range(21)))], ids=["none", "one", "twice", "many"]
)
def test_a_choice_is_between_two_to_twenty_different_things(choices: tuple[str, ...]) -> None:
    with pytest.raises(ChoicesMissing):
        Question(label="Lequel ?", kind=QuestionKind.CHOICE, choices=choices)


def test_some_structure_must_be_left_to_manage() -> None:
    event = an_event(THE_VENUE)
    with pytest.raises(LastManager):
        event.with_organiser(replace(event.organiser(LEAD), access=Access.OWN_REGISTRANTS), "")
    with pytest.raises(LastManager):
        event.without_organiser(LEAD)
    handed_over = an_event(THE_SOUTH).without_organiser(LEAD)
    assert [held.organiser_id for held in handed_over.organisers] == [SECOND]


def test_a_partner_alone_may_not_manage() -> None:
    event = an_event(replace(THE_VENUE, access=Access.MANAGE))
    with pytest.raises(LastManager):
        event.without_organiser(LEAD)


def test_a_structure_that_has_not_approved_does_not_count_as_managing() -> None:
    event, _ = published().with_organiser(replace(THE_SOUTH, organiser_id=""), SECOND)
    with pytest.raises(LastManager):
        event.with_organiser(replace(event.organiser(LEAD), access=Access.DOOR), "")


def test_a_structure_organises_once_and_stays_itself() -> None:
    event = an_event(THE_SOUTH)
    with pytest.raises(AlreadyOrganising):
        event.with_organiser(organiser(structure=SOUTH), QUIET)
    with pytest.raises(OrganiserFixed):
        event.with_organiser(replace(THE_SOUTH, structure="", name="Une autre"), "")
    assert [held.name for held in event.with_organiser(organiser(name="La salle"), VENUE)[0].organisers][2:] == [
        "La salle"
    ]


def test_what_an_organiser_approved_is_not_for_a_wish_to_say() -> None:
    wish = replace(THE_SOUTH, approvals=frozenset({1}))
    event, saved = an_event().with_organiser(replace(wish, organiser_id=""), SECOND)
    assert saved.approvals == frozenset()
    approved = agreed(event, SECOND)
    assert approved.with_organiser(replace(THE_SOUTH, shown=False), "")[1].approvals == {1}


def test_whoever_has_a_duty_stays_until_it_is_given_to_another() -> None:
    event = an_event(THE_VENUE).proposing(arrangement(VENUE), LEAD)
    with pytest.raises(OrganiserHasDuties):
        event.without_organiser(VENUE)
    freed = event.proposing(arrangement(LEAD), LEAD)
    assert len(freed.without_organiser(VENUE).organisers) == 1


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (lambda event: event.organiser(QUIET), UnknownOrganiser),
        (lambda event: event.without_organiser(QUIET), UnknownOrganiser),
        (lambda event: event.with_organiser(organiser(QUIET, name="Personne"), ""), UnknownOrganiser),
        (
            lambda event: event.with_challenge(Challenge(challenge_id=HOUSING, title="Se loger"), ""),
            UnknownEventChallenge,
        ),
        (lambda event: event.without_challenge(HOUSING), UnknownEventChallenge),
        (lambda event: event.with_session(workshop(WORKSHOP), ""), UnknownSession),
        (lambda event: event.with_session(workshop(challenge_id=HOUSING), WORKSHOP), UnknownEventChallenge),
        (lambda event: event.without_session(WORKSHOP), UnknownSession),
        (lambda event: event.with_question(question(question_id="question_1"), ""), UnknownQuestion),
        (lambda event: event.with_question(question(session_id=WORKSHOP), "question_1"), UnknownSession),
        (lambda event: event.without_question("question_1"), UnknownQuestion),
        (lambda event: event.proposing(arrangement(QUIET), LEAD), UnknownOrganiser),
    ],
)
def test_what_is_not_there_is_not_changed(change: Callable[[JointEvent], object], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        change(an_event())


def test_a_session_lies_within_its_event() -> None:
    for outside in (
        workshop(starts_at=STARTS - timedelta(minutes=1)),
        workshop(ends_at=ENDS + timedelta(minutes=1)),
    ):
        with pytest.raises(SessionOutsideEvent):
            an_event().with_session(outside, WORKSHOP)
    event, _ = an_event().with_session(workshop(), WORKSHOP)
    with pytest.raises(SessionOutsideEvent):
        event.described(details(starts_at=STARTS + timedelta(hours=1, minutes=1)))
    assert event.described(details(starts_at=STARTS + timedelta(hours=1))).starts_at > STARTS


def test_a_challenge_goes_and_its_sessions_stay() -> None:
    event, _ = an_event().with_challenge(Challenge(title="Se loger"), HOUSING)
    event, _ = event.with_session(workshop(challenge_id=HOUSING), WORKSHOP)
    left = event.without_challenge(HOUSING)
    assert (left.challenges, left.session(WORKSHOP).challenge_id) == ((), "")


def test_a_session_takes_the_questions_of_those_who_chose_it_along() -> None:
    event, _ = an_event().with_session(workshop(), WORKSHOP)
    event, _ = event.with_question(question(session_id=WORKSHOP), "question_1")
    event, _ = event.with_question(question(), "question_2")
    assert [held.question_id for held in event.without_session(WORKSHOP).questions] == ["question_2"]


def test_there_is_a_limit_to_how_many() -> None:
    event = an_event()
    for number in range(MOST_CHALLENGES):
        event, _ = event.with_challenge(Challenge(title="Un défi"), f"challenge_{number}")
    with pytest.raises(TooManyParts):
        event.with_challenge(Challenge(title="Un de trop"), HOUSING)


def test_all_who_see_registrants_approve_before_it_is_published() -> None:
    event = an_event(THE_SOUTH, THE_VENUE, NAMED)
    with pytest.raises(ArrangementNotApproved):
        event.published(NOW)
    with pytest.raises(ArrangementNotApproved):
        agreed(event, SECOND).published(NOW)
    shown = agreed(event, SECOND, VENUE).published(NOW)
    assert (shown.state, shown.published_at, shown.in_force) == (State.PUBLISHED, NOW, shown.arrangement)


def test_an_approval_is_of_one_version() -> None:
    event = agreed(an_event(THE_SOUTH), SECOND).proposing(arrangement(), LEAD)
    with pytest.raises(ArrangementChanged):
        event.approving(1, SECOND)
    with pytest.raises(ArrangementNotApproved):
        event.published(NOW)
    assert event.approving(2, SECOND).published(NOW).is_public


def test_it_is_published_once_and_not_after_its_end() -> None:
    with pytest.raises(AlreadyPublished):
        published().published(NOW)
    with pytest.raises(EventOver):
        agreed(an_event()).published(ENDS)


def test_a_new_version_comes_in_force_once_all_approved_it() -> None:
    before = published(an_event(THE_SOUTH))
    proposed = before.proposing(arrangement(outline="Autrement."), LEAD).settled(before)
    assert proposed.in_force == before.in_force
    assert proposed.as_public().arrangement == before.as_public().arrangement
    approved = proposed.approving(2, SECOND).settled(proposed)
    assert approved.in_force is not None
    assert (approved.in_force.version, approved.in_force.outline) == (2, "Autrement.")


def test_who_comes_after_publication_holds_the_door_until_it_approves() -> None:
    before = published()
    event, came = before.with_organiser(replace(THE_SOUTH, organiser_id=""), SECOND)
    assert event.reach(came) is Access.DOOR
    assert event.in_force == before.in_force
    assert event.approving(1, SECOND).reach(event.approving(1, SECOND).organiser(SECOND)) is Access.MANAGE


def test_who_approved_only_what_is_proposed_waits_for_it_to_be_in_force() -> None:
    before = published(an_event(THE_VENUE))
    event, _ = before.with_organiser(replace(THE_SOUTH, organiser_id=""), SECOND)
    event = event.proposing(arrangement(), LEAD).approving(2, SECOND).settled(before)
    assert event.reach(event.organiser(SECOND)) is Access.DOOR
    settled = event.approving(2, VENUE).settled(event)
    assert settled.reach(settled.organiser(SECOND)) is Access.MANAGE


def test_in_a_draft_nobody_waits() -> None:
    event = agreed(an_event(THE_SOUTH))
    assert event.reach(event.organiser(SECOND)) is Access.MANAGE


def test_its_address_is_final_once_published() -> None:
    assert an_event().described(details(slug="autrement")).slug == "autrement"
    with pytest.raises(SlugFinal):
        published().described(details(slug="autrement"))
    with pytest.raises(SlugFinal):
        published().cancelled("La salle est fermée.").described(details(slug="autrement"))


def test_what_the_public_does_not_see_leaves_the_sequence_as_it_is() -> None:
    before = published(an_event(HIDDEN))
    assert (before.version, before.sequence) == (2, 0)
    hidden, _ = before.with_organiser(replace(HIDDEN, name="Encore caché"), "")
    assert (hidden.settled(before).version, hidden.settled(before).sequence) == (3, 0)
    access, _ = published(an_event(THE_VENUE)).with_organiser(replace(THE_VENUE, access=Access.NONE), "")
    assert access.settled(published(an_event(THE_VENUE))).sequence == 0
    said = before.described(details(title="Un autre titre")).settled(before)
    assert (said.version, said.sequence) == (3, 1)


def test_a_draft_counts_versions_and_no_sequence() -> None:
    before = an_event()
    after = before.described(details(title="Un autre titre")).settled(before)
    assert (after.version, after.sequence) == (2, 0)


def test_the_public_sees_who_is_shown_and_no_identifier_of_who_is_not() -> None:
    event = an_event(THE_VENUE, HIDDEN).proposing(arrangement(LEAD, QUIET), LEAD)
    event = event.approving(1, VENUE).approving(1, QUIET).published(NOW)
    seen = event.as_public()
    assert [(held.organiser_id, held.access, held.approvals) for held in seen.organisers] == [
        (LEAD, Access.NONE, frozenset()),
        (VENUE, Access.NONE, frozenset()),
    ]
    assert seen.arrangement is not None
    assert [(duty.organiser_id, duty.name) for duty in seen.arrangement.duties] == [
        (LEAD, "Le-Nord"),
        ("", "Qui ne se montre pas"),
    ]
    assert QUIET not in repr(seen)


def test_what_is_proposed_is_not_shown_before_it_is_in_force() -> None:
    before = published(an_event(THE_VENUE))
    assert "Secret" not in repr(before.proposing(arrangement(outline="Secret"), LEAD).settled(before).as_public())


def test_it_closes_after_its_end_and_changes_no_more() -> None:
    for early in (published(), an_event()):
        with pytest.raises(EventNotOver):
            early.closed(ENDS - timedelta(seconds=1))
    with pytest.raises(EventNotOver):
        an_event().closed(ENDS)
    closed = published().closed(ENDS)
    assert (closed.state, closed.is_public) == (State.CLOSED, True)
    for over in (closed, published().cancelled("Non."), an_event().cancelled("Non.")):
        for change in (over.check_open, lambda over=over: over.cancelled(""), lambda over=over: over.closed(ENDS)):
            with pytest.raises(EventOver):
                change()


def test_parts_stand_as_they_are_read() -> None:
    event, _ = an_event(THE_VENUE, THE_SOUTH).with_session(workshop(title="B"), "session_b")
    event, _ = event.with_session(workshop(title="A", starts_at=STARTS), "session_a")
    event, _ = event.with_question(question(position=1), "question_1")
    event, _ = event.with_question(question(position=0), "question_2")
    ordered = event.ordered()
    assert [held.title for held in ordered.sessions] == ["A", "B"]
    assert [held.question_id for held in ordered.questions] == ["question_2", "question_1"]
    assert [held.organiser_id for held in ordered.organisers] == [LEAD, SECOND, VENUE]
    assert event.organisers[0].structure == NORTH
