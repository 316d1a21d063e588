"""The fields of a registration: what is typed about who comes, and how it becomes an attendee of the contract."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from groupement.shared_identity.v1.joint_event_pb2 import (
    QUESTION_KIND_CHOICE,
    QUESTION_KIND_CHOICES,
    JointEvent,
    Question,
    QuestionKind,
)
from groupement.shared_identity.v1.registration_pb2 import Answer, Attendee, RegistrantProfile
from servicekit.fields import check_email
from servicekit.refusals import Invalid

from portal.forms import Form
from portal.i18n import N_, Language
from portal.pages.events.seats import Moment, Seats, moments

NAMES = {
    "given_name": N_("Écrivez un prénom."),
    "family_name": N_("Écrivez un nom."),
    "email": N_("Écrivez une adresse e-mail complète, par exemple prenom@exemple.fr."),
}
"""What is asked of everybody, and what to say when it is missing."""
_ABOUT = (*NAMES, "profile", "organisation", "access_needs", "diet")
_CARRIED = ("arrangement_version", "evenement", "invitation")
_PREFIX = "REGISTRANT_PROFILE_"
PROFILES = tuple(number for number in RegistrantProfile.values() if number)
_LONGEST_ANSWER = 500
_TOO_LONG = N_("C'est trop long. Raccourcissez.")
_UNANSWERED = N_("Répondez à la question : %(question)s")


@dataclass(frozen=True, kw_only=True)
class Fields:
    """What a page needs to draw the fields; `wishing` when a session that is full may be asked for all the same."""

    event: JointEvent
    seats: Seats
    form: Form
    wishing: bool = False
    held: frozenset[str] = frozenset()

    @property
    def moments(self) -> list[Moment]:
        """The choices of sessions."""
        return moments(self.event)

    @property
    def profiles(self) -> list[tuple[str, int]]:
        """What one may say one is: as it stands in the form, and as the contract numbers it."""
        return [(profile_name(number), number) for number in PROFILES]

    def questions(self, session_id: str = "") -> list[Question]:
        """The questions put to everybody, or to those who choose a session."""
        return [question for question in self.event.questions if question.session_id == session_id]

    def kind(self, question: Question) -> str:
        """How a question is answered: TEXT, CHOICE, CHOICES, YES_NO."""
        return QuestionKind.Name(question.kind).removeprefix("QUESTION_KIND_")

    def shut(self, session_id: str) -> bool:
        """Whether a session cannot be chosen: it is full, and not one's own already."""
        return not self.wishing and session_id not in self.held and self.seats.full(session_id)


def complete(event: JointEvent, form: Form) -> Form:
    """The form with every field that the page shows, so that what is wrong finds its place."""
    questions = [question.question_id for question in event.questions]
    names = (*_ABOUT, *_CARRIED, *questions, *(moment.name for moment in moments(event)))
    return replace(form, values={**dict.fromkeys(names, ""), **form.values})


def names_of(event: JointEvent) -> dict[str, str]:
    """Our names for what the contract may name in a refusal."""
    first = next((moment.name for moment in moments(event)), "")
    return {"session_ids": first, "sessions": first, "attendee": "given_name"}


def chosen(form: Form, choices: Sequence[Moment]) -> list[str]:
    """The sessions chosen, one a moment at most."""
    known = {session.session_id for moment in choices for session in moment.sessions}
    return [form.value(moment.name) for moment in choices if form.value(moment.name) in known]


def checked(event: JointEvent, form: Form, language: Language, *, named: bool) -> Form:
    """The form with all that is missing said at once; `named` when it asks for a name and an address."""
    form = introduced(form, language) if named else form
    for question in asked(event, chosen(form, moments(event))):
        if question.required and not form.value(question.question_id):
            form = form.wrong(question.question_id, language.say(_UNANSWERED, question=question.label))
        if len(form.value(question.question_id)) > _LONGEST_ANSWER:
            form = form.wrong(question.question_id, language.say(_TOO_LONG))
    return form


def introduced(form: Form, language: Language) -> Form:
    """The form with what is missing of a name and an address said at once."""
    for name, sentence in NAMES.items():
        if not form.value(name) or (name == "email" and not _reachable(form.value(name))):
            form = form.wrong(name, language.say(sentence))
    return form


def _reachable(address: str) -> bool:
    """Whether mail could go to an address, which the service would refuse otherwise, after the rest."""
    try:
        check_email("email", address)
    except Invalid:
        return False
    return True


def attendee(event: JointEvent, form: Form, language: Language) -> Attendee:
    """Who comes, as they said; questions of sessions they did not choose are left out."""
    questions = asked(event, chosen(form, moments(event)))
    return Attendee(
        given_name=form.value("given_name"),
        family_name=form.value("family_name"),
        email=form.value("email"),
        locale=language.code,
        profile=_profile(form.value("profile")),
        organisation=form.value("organisation"),
        answers=[answer for question in questions if (answer := _answer(question, form))],
        access_needs=form.value("access_needs"),
        diet=form.value("diet"),
    )


def arrangement_version(event: JointEvent, form: Form) -> int:
    """The version that was shown on the page, the current one when the page did not say."""
    shown = form.value("arrangement_version")
    return int(shown) if shown.isdecimal() and len(shown) < 9 else event.arrangement.version  # noqa: PLR2004


def asked(event: JointEvent, session_ids: Iterable[str]) -> list[Question]:
    """The questions put to somebody who chose those sessions."""
    concerned = {"", *session_ids}
    return [question for question in event.questions if question.session_id in concerned]


def profile_name(number: RegistrantProfile.ValueType) -> str:
    """A profile as it stands in a form."""
    return RegistrantProfile.Name(number).removeprefix(_PREFIX)


def _profile(name: str) -> RegistrantProfile.ValueType:
    known = {profile_name(number): number for number in PROFILES}
    return known.get(name, RegistrantProfile.REGISTRANT_PROFILE_UNSPECIFIED)


def _answer(question: Question, form: Form) -> Answer | None:
    typed = form.value(question.question_id)
    values = _choices(question, typed) if question.kind in (QUESTION_KIND_CHOICE, QUESTION_KIND_CHOICES) else [typed]
    return Answer(question_id=question.question_id, values=values) if any(values) else None


def _choices(question: Question, typed: str) -> list[str]:
    """Choices stand in the form by their number."""
    numbers = [int(part) for part in typed.split(",") if part.isdecimal() and len(part) < 3]  # noqa: PLR2004
    return [question.choices[number] for number in numbers if number < len(question.choices)]
