"""The rules of joint events: who must be left to manage one, when it may be published, what the public sees of it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared_identity.joint_events.parts import (
    Access,
    Arrangement,
    Challenge,
    Details,
    Duty,
    Organiser,
    Question,
    Role,
    Session,
    State,
)
from shared_identity.joint_events.placing import found, placed, with_part, without
from shared_identity.joint_events.refused import (
    AlreadyOrganising,
    AlreadyPublished,
    ArrangementChanged,
    ArrangementNotApproved,
    EventNotOver,
    EventOver,
    LastManager,
    OrganiserFixed,
    OrganiserHasDuties,
    SessionOutsideEvent,
    SlugFinal,
    UnknownEventChallenge,
    UnknownOrganiser,
    UnknownQuestion,
    UnknownSession,
)

MOST_ORGANISERS = 50
MOST_CHALLENGES = 20
MOST_SESSIONS = 100
MOST_QUESTIONS = 20
MOST_DELEGATES = 500
_ROLES = tuple(Role)


@dataclass(frozen=True, kw_only=True, slots=True)
class JointEvent:
    """A gathering: what it says of itself, how far it has come, its parts.

    `arrangement` is the version proposed last, `in_force` the last one approved by all who must: the one shown to
    people. `published_at` is None until it is published: until then it is not there for the public, whatever its state.
    """

    event_id: str
    details: Details
    state: State = State.DRAFT
    published_at: datetime | None = None
    explanation: str = ""
    organisers: tuple[Organiser, ...] = ()
    sessions: tuple[Session, ...] = ()
    challenges: tuple[Challenge, ...] = ()
    questions: tuple[Question, ...] = ()
    arrangement: Arrangement | None = None
    in_force: Arrangement | None = None
    sequence: int = 0
    version: int = 1

    @property
    def slug(self) -> str:
        """The word that names it in addresses."""
        return self.details.slug

    @property
    def starts_at(self) -> datetime:
        """From."""
        return self.details.starts_at

    @property
    def ends_at(self) -> datetime:
        """Until, excluded."""
        return self.details.ends_at

    @property
    def forgotten_at(self) -> datetime | None:
        """When those registered are forgotten, as the arrangement in force says; None before one is."""
        return None if self.in_force is None else self.ends_at + timedelta(days=self.in_force.days_kept)

    @property
    def is_public(self) -> bool:
        """Whether it was published: closed and cancelled ones stay readable."""
        return self.published_at is not None

    @property
    def chosen_sessions(self) -> tuple[Session, ...]:
        """The sessions people choose."""
        return tuple(session for session in self.sessions if session.chosen)

    def organiser(self, organiser_id: str) -> Organiser:
        """One of its organisers; raises UnknownOrganiser."""
        return found(self.organisers, organiser_id, UnknownOrganiser(field="organiser_id"))

    def session(self, session_id: str) -> Session:
        """One of its sessions; raises UnknownSession."""
        return found(self.sessions, session_id, UnknownSession(field="session_id"))

    def challenge(self, challenge_id: str) -> Challenge:
        """One of its challenges; raises UnknownEventChallenge."""
        return found(self.challenges, challenge_id, UnknownEventChallenge(field="challenge_id"))

    def question(self, question_id: str) -> Question:
        """One of its questions; raises UnknownQuestion."""
        return found(self.questions, question_id, UnknownQuestion(field="question_id"))

    def reach(self, organiser: Organiser) -> Access:
        """What an organiser may do now.

        Once people may register, whoever has not approved the arrangement in force sees no registrants: the door, at
        most, until it approves.
        """
        bound = self.in_force is None or self.in_force.version in organiser.approvals
        if self.state is State.DRAFT or bound or not organiser.sees_registrants:
            return organiser.access
        return Access.DOOR

    def check_open(self) -> None:
        """Raises EventOver when it does not change any more."""
        if self.state in (State.CLOSED, State.CANCELLED):
            raise EventOver(field="event_id")

    def described(self, details: Details) -> "JointEvent":
        """Saying something else of itself; raises SlugFinal, SessionOutsideEvent."""
        if self.is_public and details.slug != self.slug:
            raise SlugFinal(field="slug")
        for session in self.sessions:
            _check_within(session, details, "end_time")
        return replace(self, details=details)

    def with_organiser(self, wish: Organiser, fresh_id: str) -> "tuple[JointEvent, Organiser]":
        """With an organiser added or changed; raises UnknownOrganiser, AlreadyOrganising, OrganiserFixed, LastManager.

        What it approved stays approved, whatever the wish says.
        """
        if not wish.organiser_id:
            if wish.structure and any(held.structure == wish.structure for held in self.organisers):
                raise AlreadyOrganising(field="organiser.structure")
            wish = replace(wish, approvals=frozenset())
        else:
            held = self.organiser(wish.organiser_id)
            if held.structure != wish.structure:
                raise OrganiserFixed(field="organiser.structure")
            wish = replace(wish, approvals=held.approvals)
        organisers, saved = placed(self.organisers, wish, fresh_id, MOST_ORGANISERS)
        return replace(self, organisers=organisers)._managed(), saved

    def without_organiser(self, organiser_id: str) -> "JointEvent":
        """Without one; raises UnknownOrganiser, OrganiserHasDuties, LastManager."""
        gone = self.organiser(organiser_id)
        if any(held is not None and held.burdens(organiser_id) for held in (self.arrangement, self.in_force)):
            raise OrganiserHasDuties(field="organiser_id")
        return replace(self, organisers=without(self.organisers, gone.key))._managed()

    def with_challenge(self, wish: Challenge, fresh_id: str) -> "tuple[JointEvent, Challenge]":
        """With a challenge added or changed; raises UnknownEventChallenge."""
        if wish.challenge_id:
            self.challenge(wish.challenge_id)
        challenges, saved = placed(self.challenges, wish, fresh_id, MOST_CHALLENGES)
        return replace(self, challenges=challenges), saved

    def without_challenge(self, challenge_id: str) -> "JointEvent":
        """Without one; its sessions stay. Raises UnknownEventChallenge."""
        gone = self.challenge(challenge_id)
        sessions = tuple(
            replace(held, challenge_id="") if held.challenge_id == gone.key else held for held in self.sessions
        )
        return replace(self, challenges=without(self.challenges, gone.key), sessions=sessions)

    def with_session(self, wish: Session, fresh_id: str) -> "tuple[JointEvent, Session]":
        """With a session added or changed; raises UnknownSession, UnknownEventChallenge, SessionOutsideEvent."""
        if wish.session_id:
            self.session(wish.session_id)
        if wish.challenge_id:
            self.challenge(wish.challenge_id)
        _check_within(wish, self.details, "session.end_time")
        sessions, saved = placed(self.sessions, wish, fresh_id, MOST_SESSIONS)
        return replace(self, sessions=sessions), saved

    def without_session(self, session_id: str) -> "JointEvent":
        """Without one, nor the questions asked of those who chose it; raises UnknownSession."""
        gone = self.session(session_id)
        questions = tuple(question for question in self.questions if question.session_id != gone.key)
        return replace(self, sessions=without(self.sessions, gone.key), questions=questions)

    def with_question(self, wish: Question, fresh_id: str) -> "tuple[JointEvent, Question]":
        """With a question added or changed; raises UnknownQuestion, UnknownSession."""
        if wish.question_id:
            self.question(wish.question_id)
        if wish.session_id:
            self.session(wish.session_id)
        questions, saved = placed(self.questions, wish, fresh_id, MOST_QUESTIONS)
        return replace(self, questions=questions), saved

    def without_question(self, question_id: str) -> "JointEvent":
        """Without one; raises UnknownQuestion."""
        gone = self.question(question_id)
        return replace(self, questions=without(self.questions, gone.key))

    def proposing(self, wish: Arrangement, by: str) -> "JointEvent":
        """With a new version of the arrangement, approved by whom it comes from; raises UnknownOrganiser."""
        duties = tuple(replace(duty, name=self.organiser(duty.organiser_id).name) for duty in wish.duties)
        version = 1 if self.arrangement is None else self.arrangement.version + 1
        proposed = replace(wish, duties=duties, version=version)
        return replace(self, arrangement=proposed).approving(version, by)

    def approving(self, version: int, by: str) -> "JointEvent":
        """With a version approved by an organiser; raises ArrangementChanged when it is not the one proposed last."""
        if self.arrangement is None or self.arrangement.version != version:
            raise ArrangementChanged(field="version")
        approver = self.organiser(by)
        approved = replace(approver, approvals=approver.approvals | {version})
        return replace(self, organisers=with_part(self.organisers, approved))

    def published(self, now: datetime) -> "JointEvent":
        """For all to see; raises AlreadyPublished, EventOver, ArrangementNotApproved."""
        if self.state is State.PUBLISHED:
            raise AlreadyPublished(field="event_id")
        self.check_open()
        if self.ends_at <= now:
            raise EventOver(field="end_time")
        if not self._approved:
            raise ArrangementNotApproved(field="arrangement")
        return replace(self, state=State.PUBLISHED, published_at=now, in_force=self.arrangement)

    def cancelled(self, explanation: str) -> "JointEvent":
        """Called off; raises EventOver."""
        self.check_open()
        return replace(self, state=State.CANCELLED, explanation=explanation)

    def closed(self, now: datetime) -> "JointEvent":
        """Held, and over; raises EventOver, EventNotOver."""
        self.check_open()
        if self.state is not State.PUBLISHED or now < self.ends_at:
            raise EventNotOver(field="event_id")
        return replace(self, state=State.CLOSED)

    def settled(self, before: "JointEvent") -> "JointEvent":
        """As it became out of `before`: the arrangement in force once all approved it, its changes counted."""
        after = replace(self, in_force=self.arrangement) if self.is_public and self._approved else self
        tells = before.is_public and after.as_public() != before.as_public()
        return replace(after, version=before.version + 1, sequence=before.sequence + tells).ordered()

    def ordered(self) -> "JointEvent":
        """With its parts as they are read: those who lead first, sessions by their time, the rest as it was placed."""
        return replace(
            self,
            organisers=tuple(sorted(self.organisers, key=lambda held: (_ROLES.index(held.role), held.key))),
            challenges=tuple(sorted(self.challenges, key=lambda held: (held.position, held.key))),
            sessions=tuple(sorted(self.sessions, key=lambda held: (held.starts_at, held.ends_at, held.key))),
            questions=tuple(sorted(self.questions, key=lambda held: (held.position, held.key))),
        )

    def as_public(self) -> "JointEvent":
        """What the public sees: who is shown, and the arrangement in force.

        That one names whoever has a duty, shown or not: people know whom to turn to (RGPD art. 26 § 2).
        """
        shown = tuple(
            replace(held, access=Access.NONE, approvals=frozenset()) for held in self.organisers if held.shown
        )
        seen = {held.organiser_id for held in shown}
        arrangement = None if self.in_force is None else _without_ids(self.in_force, seen)
        return replace(self, organisers=shown, arrangement=arrangement, in_force=arrangement)

    @property
    def _approved(self) -> bool:
        """Whether every organiser that sees registrants approved what was proposed last."""
        if self.arrangement is None:
            return False
        bound = [held for held in self.organisers if held.sees_registrants]
        return all(self.arrangement.version in held.approvals for held in bound)

    def _managed(self) -> "JointEvent":
        """The same; raises LastManager when no structure is left that may manage it."""
        if not any(held.structure and self.reach(held) is Access.MANAGE for held in self.organisers):
            raise LastManager(field="organiser_id")
        return self


def _check_within(session: Session, details: Details, field: str) -> None:
    if session.starts_at < details.starts_at or session.ends_at > details.ends_at:
        raise SessionOutsideEvent(field=field, session=session.title)


def _without_ids(arrangement: Arrangement, seen: set[str]) -> Arrangement:
    return replace(arrangement, duties=tuple(_seen(duty, seen) for duty in arrangement.duties))


def _seen(duty: Duty, seen: set[str]) -> Duty:
    return duty if duty.organiser_id in seen else replace(duty, organiser_id="")
