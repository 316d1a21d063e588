"""What an event works on, and what is asked of those who register: challenges and questions."""

from collections.abc import Collection, Mapping
from typing import TypeVar

from groupement.shared_identity.v1.joint_event_pb2 import (
    QUESTION_KIND_TEXT,
    QUESTION_KIND_UNSPECIFIED,
    Challenge,
    Question,
    QuestionKind,
)
from groupement.shared_identity.v1.joint_event_service_pb2 import (
    RemoveChallengeRequest,
    RemoveQuestionRequest,
    SaveChallengeRequest,
    SaveQuestionRequest,
    SaveSessionRequest,
)
from starlette.responses import Response

from portal.forms import Form
from portal.pages.organising.desk import MANAGE, Desk, PartIsGone, Undo, desk_of
from portal.pages.organising.moments import number, one_of, ticked
from portal.pages.organising.programme import NEW, programme_page
from portal.visit import Visit

Part = TypeVar("Part")

_TO = "/programme"


async def show_challenge(visit: Visit) -> Response:
    """`GET .../{event}/programme/defis/{challenge}`; `nouveau` adds one."""
    desk = await desk_of(visit, MANAGE)
    challenge = _challenge(desk)
    return await _challenge_page(desk, challenge, Form(values=_challenge_values(desk, challenge)), 200)


async def save_challenge(visit: Visit) -> Response:
    """`POST .../{event}/programme/defis/{challenge}`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)
    before = _challenge(desk)

    async def do() -> str:
        challenge = Challenge(
            challenge_id=before.challenge_id,
            title=form.value("title"),
            description=form.value("description"),
            position=number(form, "position"),
        )
        wish = SaveChallengeRequest(event_id=desk.event.event_id, challenge=challenge, request_id=form.request_id)
        saved = await desk.ask(desk.identity.joint_events.SaveChallenge, wish)
        await _rejoin(desk, form.value("sessions").split(","), saved.challenge.challenge_id)
        return visit.language.say("Le défi « %(title)s » est enregistré.", title=challenge.title)

    async def again(shown: Form, status: int) -> Response:
        return await _challenge_page(desk, before, shown, status)

    return await desk.carry_out(form, do, again, to=_TO)


async def remove_challenge(visit: Visit) -> Response:
    """`POST .../{event}/programme/defis/{challenge}/retirer`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)
    challenge = _challenge(desk)

    async def do() -> str:
        wish = RemoveChallengeRequest(
            event_id=desk.event.event_id, challenge_id=challenge.challenge_id, request_id=form.request_id
        )
        await desk.ask(desk.identity.joint_events.RemoveChallenge, wish)
        return visit.language.say("Le défi « %(title)s » est retiré.", title=challenge.title)

    async def again(shown: Form, status: int) -> Response:
        return await programme_page(desk, shown, status)

    working = [each.session_id for each in desk.event.sessions if each.challenge_id == challenge.challenge_id]
    values = _challenge_values(desk, challenge) | {"sessions": ",".join(working)}
    undo = Undo(to=f"{_TO}/defis/{NEW}", values=values, label=visit.language.say("Remettre ce défi"))
    return await desk.carry_out(form, do, again, to=_TO, undo=undo)


async def show_question(visit: Visit) -> Response:
    """`GET .../{event}/programme/questions/{question}`; `nouveau` adds one."""
    desk = await desk_of(visit, MANAGE)
    question = _question(desk)
    return await _question_page(desk, question, Form(values=_question_values(desk, question)), 200)


async def save_question(visit: Visit) -> Response:
    """`POST .../{event}/programme/questions/{question}`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)
    before = _question(desk)

    async def do() -> str:
        question = Question(
            question_id=before.question_id,
            label=form.value("label"),
            kind=one_of(QuestionKind.values(), form.value("kind"), QUESTION_KIND_UNSPECIFIED),
            choices=[line.strip() for line in form.value("choices").splitlines() if line.strip()],
            required=ticked(form, "required"),
            session_id=form.value("session_id"),
            position=number(form, "position"),
        )
        wish = SaveQuestionRequest(event_id=desk.event.event_id, question=question, request_id=form.request_id)
        await desk.ask(desk.identity.joint_events.SaveQuestion, wish)
        return visit.language.say("La question est enregistrée.")

    async def again(shown: Form, status: int) -> Response:
        return await _question_page(desk, before, shown, status)

    return await desk.carry_out(form, do, again, to=_TO)


async def remove_question(visit: Visit) -> Response:
    """`POST .../{event}/programme/questions/{question}/retirer`"""
    form = await visit.form()
    desk = await desk_of(visit, MANAGE)
    question = _question(desk)

    async def do() -> str:
        wish = RemoveQuestionRequest(
            event_id=desk.event.event_id, question_id=question.question_id, request_id=form.request_id
        )
        await desk.ask(desk.identity.joint_events.RemoveQuestion, wish)
        return visit.language.say("La question n'est plus posée. Les réponses données restent.")

    async def again(shown: Form, status: int) -> Response:
        return await programme_page(desk, shown, status)

    values, label = _question_values(desk, question), visit.language.say("La poser de nouveau")
    undo = Undo(to=f"{_TO}/questions/{NEW}", values=values, label=label) if desk.draft else None
    return await desk.carry_out(form, do, again, to=_TO, undo=undo)


async def _rejoin(desk: Desk, session_ids: Collection[str], challenge_id: str) -> None:
    """The sessions that worked on a challenge do so again, once it was put back."""
    for session in desk.event.sessions:
        if session.session_id in session_ids and not session.challenge_id:
            session.challenge_id = challenge_id
            wish = SaveSessionRequest(event_id=desk.event.event_id, session=session)
            await desk.ask(desk.identity.joint_events.SaveSession, wish)


def _challenge_values(desk: Desk, challenge: Challenge) -> dict[str, str]:
    return {
        "title": challenge.title,
        "description": challenge.description,
        "position": str(challenge.position if challenge.challenge_id else len(desk.event.challenges)),
    }


def _question_values(desk: Desk, question: Question) -> dict[str, str]:
    return {
        "label": question.label,
        "kind": str(question.kind),
        "choices": "\n".join(question.choices),
        "required": "oui" if question.required else "",
        "session_id": question.session_id,
        "position": str(question.position if question.question_id else len(desk.event.questions)),
    }


def _challenge(desk: Desk) -> Challenge:
    asked = desk.visit.path("challenge")
    return Challenge() if asked == NEW else _named(asked, {c.challenge_id: c for c in desk.event.challenges})


def _question(desk: Desk) -> Question:
    asked = desk.visit.path("question")
    if asked == NEW:
        return Question(kind=QUESTION_KIND_TEXT)
    return _named(asked, {q.question_id: q for q in desk.event.questions})


def _named(asked: str, parts: Mapping[str, Part]) -> Part:
    """The part of that id; raises PartIsGone."""
    found = parts.get(asked)
    if found is None:
        raise PartIsGone
    return found


async def _challenge_page(desk: Desk, challenge: Challenge, form: Form, status: int) -> Response:
    return await desk.page("challenge.html", tab="programme", status=status, form=form, challenge=challenge)


async def _question_page(desk: Desk, question: Question, form: Form, status: int) -> Response:
    return await desk.page(
        "question.html",
        tab="programme",
        status=status,
        form=form,
        question=question,
        kinds=desk.choices("question_kind", QuestionKind.values()),
        sessions=[(each.session_id, each.title) for each in desk.event.sessions],
    )
