"""Forms: what was typed, what is wrong with it, and the id that makes sending twice the same as once (AIP-155)."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from servicekit.identifiers import is_id, new_id
from servicekit.refusals import Refusal, Unauthenticated
from starlette.exceptions import HTTPException
from starlette.requests import Request

from portal.i18n import Language
from portal.refusals import sentence

_NOUN = "request"
_SECRET = frozenset({"password"})
LARGEST_FORM = 64 * 1024
"""Bytes; the longest answer our forms ask for takes half of it."""

_LONGEST = 20_000
_TYPED = frozenset({"WRONG_CREDENTIALS", "CARD_FORGED", "CARD_EXPIRED", "CARD_REVOKED"})
"""Proofs that were typed in and do not hold: they say nothing of who has signed in."""


def new_request_id() -> str:
    """An id for a form about to be shown."""
    return new_id(_NOUN)


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """One thing to put right; `field` is empty when it is about the whole form."""

    field: str
    sentence: str


@dataclass(frozen=True, kw_only=True)
class Form:
    """A form as shown or as sent."""

    values: Mapping[str, str] = field(default_factory=dict)
    errors: tuple[FieldError, ...] = ()
    request_id: str = field(default_factory=new_request_id)

    def value(self, name: str) -> str:
        """What stands in a field; a password is never shown again."""
        return "" if name in _SECRET and self.errors else self.values.get(name, "")

    def error(self, name: str) -> str:
        """What is wrong with a field, empty when nothing is."""
        return next((error.sentence for error in self.errors if error.field == name), "")

    def wrong(self, name: str, what: str) -> "Form":
        """The form with one more thing to put right."""
        return replace(self, errors=(*self.errors, FieldError(field=name, sentence=what)))

    def refused(self, refusal: Refusal, language: Language, fields: Mapping[str, str] | None = None) -> "Form":
        """The form with the sentence of a refusal at the field it names; `fields` maps the contract's names to ours."""
        named = refusal.field.rpartition(".")[2]
        name = (fields or {}).get(named, named)
        shown = self.wrong(name if name in self.values else "", sentence(language, refusal))
        return replace(shown, request_id=new_request_id()) if refusal.reason == "REQUEST_ID_REUSED" else shown


async def read_form(request: Request) -> Form:
    """The form that was sent; what is no text is left out, spaces around text are too. Raises 413 for too much.

    Boxes of one name ticked together come as one value, with commas between.
    """
    length = request.headers.get("content-length", "0")
    if not length.isdecimal() or int(length) > LARGEST_FORM:
        raise HTTPException(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    async with request.form(max_files=0, max_fields=100) as sent:
        typed = {name: [value for value in sent.getlist(name) if isinstance(value, str)] for name in sent}
    values = {name: ",".join(several) for name, several in typed.items() if several}
    request_id = values.pop("request_id", "")
    return Form(
        values={name: value if name in _SECRET else value.strip()[:_LONGEST] for name, value in values.items()},
        request_id=request_id if is_id(request_id, _NOUN) else new_request_id(),
    )


def belongs_in_form(refusal: Refusal) -> bool:
    """Whether a refusal is shown in the form it refuses, with what was typed, rather than on a page of its own."""
    return not isinstance(refusal, Unauthenticated) or refusal.reason in _TYPED
