"""What may be asked of an event: sessions that can be chosen together, answers that fit the questions."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from servicekit.fields import check_text, paragraphs

from shared_identity.joint_events.domain import JointEvent
from shared_identity.joint_events.parts import Question, QuestionKind, State
from shared_identity.registrations.domain import Wish
from shared_identity.registrations.refused import (
    AnswerMalformed,
    AnswerMissing,
    RegistrationClosed,
    SessionsOverlap,
    UnknownChoiceOfSession,
)

_LONGEST_ANSWER = 500
_YES_NO = ("yes", "no")
_ANSWERS = "attendee.answers"


def is_open(event: JointEvent, now: datetime) -> bool:
    """Whether people may register: published, not started, not over."""
    return event.state is State.PUBLISHED and now < event.starts_at


def check_open(event: JointEvent, now: datetime) -> None:
    """Raises RegistrationClosed."""
    if not is_open(event, now):
        raise RegistrationClosed(field="event_id")


def fitted(wish: Wish, event: JointEvent) -> Wish:
    """The wish as the event allows it; raises Invalid naming the field."""
    session_ids = sessions(wish.session_ids, event)
    asked = [question for question in event.questions if question.session_id in ("", *session_ids)]
    answers = _answers(wish.attendee.answers, asked)
    in_force = 0 if event.in_force is None else event.in_force.version
    return replace(
        wish,
        attendee=replace(wish.attendee, answers=answers).tidied(),
        session_ids=session_ids,
        arrangement_version=max(0, min(wish.arrangement_version, in_force)),
    )


def sessions(session_ids: Collection[str], event: JointEvent) -> tuple[str, ...]:
    """The sessions chosen, each once; raises UnknownChoiceOfSession, SessionsOverlap."""
    choices = {session.session_id: session for session in event.chosen_sessions}
    chosen = tuple(sorted(set(session_ids)))
    for session_id in chosen:
        if session_id not in choices:
            raise UnknownChoiceOfSession(field="session_ids", session=session_id[:100])
    by_start = sorted((choices[session_id] for session_id in chosen), key=lambda held: held.starts_at)
    if any(later.starts_at < sooner.ends_at for sooner, later in pairwise(by_start)):
        raise SessionsOverlap(field="session_ids")
    return chosen


def remaining(session_ids: Collection[str], event: JointEvent) -> tuple[str, ...]:
    """Those of the sessions wished that can still be chosen: one taken away keeps nobody waiting."""
    choices = {session.session_id for session in event.chosen_sessions}
    return tuple(session_id for session_id in session_ids if session_id in choices)


def titles(session_ids: Collection[str], event: JointEvent) -> Sequence[str]:
    """What those sessions are called, by start."""
    return [session.title for session in event.sessions if session.session_id in session_ids]


def _answers(given: Mapping[str, tuple[str, ...]], asked: Sequence[Question]) -> Mapping[str, tuple[str, ...]]:
    unasked = set(given) - {question.question_id for question in asked}
    if unasked:
        raise AnswerMalformed(field=_ANSWERS, question=min(unasked)[:100])
    answers = {question.question_id: _answer(question, given.get(question.question_id, ())) for question in asked}
    return {question_id: values for question_id, values in answers.items() if values}


def _answer(question: Question, given: Collection[str]) -> tuple[str, ...]:
    values = tuple(value for value in map(paragraphs, given) if value)
    if question.required and not values:
        raise AnswerMissing(field=_ANSWERS, question=question.question_id)
    if len(values) > 1 and question.kind is not QuestionKind.CHOICES:
        raise AnswerMalformed(field=_ANSWERS, question=question.question_id)
    for value in values:
        _check(question, value)
    return tuple(dict.fromkeys(values))


def _check(question: Question, value: str) -> None:
    if question.kind is QuestionKind.TEXT:
        check_text(_ANSWERS, value, most=_LONGEST_ANSWER)
        return
    choices = question.choices if question.by_choices else _YES_NO
    if value not in choices:
        raise AnswerMalformed(field=_ANSWERS, question=question.question_id)
