"""What a refusal becomes for a visitor: an HTTP status and a sentence in their language, by its reason."""

from http import HTTPStatus

from servicekit.refusals import (
    Conflict,
    Denied,
    Exhausted,
    Invalid,
    NotFound,
    Refusal,
    Stale,
    Unauthenticated,
    Unavailable,
    kind_of,
)

from portal.i18n import N_, Language
from portal.sentences import SENTENCES

_STATUSES: dict[type[Refusal], HTTPStatus] = {
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Stale: HTTPStatus.CONFLICT,
    Denied: HTTPStatus.FORBIDDEN,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Exhausted: HTTPStatus.TOO_MANY_REQUESTS,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}

_BY_KIND: dict[type[Refusal], str] = {
    Invalid: N_("Cette valeur n'a pas la forme attendue. Corrigez-la, puis réessayez."),
    NotFound: N_("Nous ne trouvons pas ce que vous cherchez."),
    Conflict: N_("Ce n'est pas possible en l'état. Relisez la page, puis réessayez."),
    Stale: N_("Cela a changé depuis que vous l'avez lu. Relisez, puis recommencez."),
    Denied: N_("Vous n'avez pas accès à cette page. Demandez-le à votre structure si c'est une erreur."),
    Unauthenticated: N_("Connectez-vous pour continuer."),
    Exhausted: N_("Une limite est atteinte. Attendez un peu, puis réessayez."),
    Unavailable: N_("Le service ne répond pas pour l'instant. Réessayez dans un moment."),
}


def status_of(refusal: Refusal) -> HTTPStatus:
    """The HTTP status of a refusal's kind."""
    return _STATUSES[kind_of(refusal)]


def form_status(refusal: Refusal) -> HTTPStatus:
    """The HTTP status of a form shown again: what was typed proves nothing is no reason to sign in anew."""
    return HTTPStatus.UNPROCESSABLE_ENTITY if isinstance(refusal, Unauthenticated) else status_of(refusal)


def sentence(language: Language, refusal: Refusal) -> str:
    """What to tell the visitor: what happened and what to do next."""
    return language.say(SENTENCES.get(refusal.reason) or _BY_KIND[kind_of(refusal)])
