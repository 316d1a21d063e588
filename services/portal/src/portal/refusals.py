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

SENTENCES: dict[str, str] = {
    # people and sign-in
    "WEAK_PASSWORD": N_(
        "Ce mot de passe est trop facile à deviner : choisissez au moins 12 caractères, et rien de courant."
    ),
    "UNKNOWN_CODE": N_("Ce lien ne vaut plus : il a déjà servi, ou il est trop ancien. Demandez-en un nouveau."),
    "UNKNOWN_CHALLENGE": N_("Cette demande de connexion a expiré. Recommencez la connexion."),
    "WRONG_CREDENTIALS": N_("L'adresse ou le mot de passe ne convient pas. Vérifiez, ou demandez un lien par e-mail."),
    "TOO_MANY_TRIES": N_("Trop d'essais de suite pour cette adresse. Attendez un quart d'heure, puis réessayez."),
    "SESSION_OVER": N_("Votre connexion a pris fin. Connectez-vous de nouveau."),
    "SIGN_IN_REFUSED": N_("La connexion n'a pas abouti. Recommencez."),
    "PROVIDER_AWAY": N_(
        "L'identité partagée ne répond pas : les nouvelles connexions attendent. Réessayez dans un moment."
    ),
    "CROSS_SITE": N_("Ce formulaire vient d'un autre site : par prudence, rien n'a été fait."),
    # structures, agreements
    "UNKNOWN_STRUCTURE": N_("Nous ne connaissons pas cette structure."),
    "SERVICE_NOT_RUN": N_("Cette structure ne propose pas ce service."),
    "NOT_A_PARTY": N_("Votre structure ne fait pas partie de cette convention."),
    "UNKNOWN_AGREEMENT": N_("Nous ne trouvons pas cette convention."),
    "ALREADY_SIGNED": N_("Votre structure a déjà signé cette convention."),
    "LAST_ADMIN": N_("C'est la dernière personne qui administre : donnez d'abord ce rôle à quelqu'un d'autre."),
    # programmes, applications, projects
    "UNKNOWN_PROGRAMME": N_("Nous ne trouvons pas ce dispositif."),
    "UNKNOWN_COHORT": N_("Nous ne trouvons pas cette promotion."),
    "UNKNOWN_PROJECT": N_("Nous ne trouvons pas ce projet."),
    "UNKNOWN_STAGE": N_("Cette étape n'est pas dans le parcours de ce dispositif."),
    "UNKNOWN_APPLICATION": N_("Nous ne trouvons pas cette candidature."),
    "ALREADY_APPLIED": N_("Vous avez déjà une candidature en attente pour ce dispositif."),
    "ALREADY_DECIDED": N_("Cette candidature a déjà reçu sa réponse."),
    "COHORT_FULL": N_("Cette promotion est complète. Choisissez-en une autre."),
    "PROJECT_EXITED": N_("Ce projet est sorti du dispositif."),
    "STALE_ETAG": N_("Quelqu'un l'a modifié entre-temps. Relisez ci-dessous, puis recommencez."),
    # places, bookings, the door
    "UNKNOWN_PLACE": N_("Nous ne trouvons pas ce lieu."),
    "UNKNOWN_RESOURCE": N_("Nous ne trouvons pas cet espace."),
    "UNKNOWN_BOOKING": N_("Nous ne trouvons pas cette réservation."),
    "RESOURCE_ALREADY_BOOKED": N_("Cet espace vient d'être pris à ces heures. Choisissez un autre créneau."),
    "OUTSIDE_OPENING_HOURS": N_("Le lieu est fermé à ces heures. Choisissez un créneau dans les heures d'ouverture."),
    "OFF_THE_GRID": N_("Les heures vont par quarts d'heure : 9 h 00, 9 h 15, 9 h 30…"),
    "IN_THE_PAST": N_("Ce créneau est déjà passé. Choisissez-en un à venir."),
    "TOO_FAR_AHEAD": N_("On peut réserver jusqu'à un an à l'avance."),
    "TOO_LONG": N_("Une réservation tient dans une journée."),
    "NO_HALF_DAYS_LEFT": N_(
        "Il ne vous reste pas assez de demi-journées ce mois-ci. Raccourcissez, changez de mois ou payez le prix."
    ),
    "ALREADY_CHECKED_IN": N_("La personne est déjà arrivée : cette réservation ne change plus."),
    "CARD_FORGED": N_("Ce code n'est pas celui d'une carte du groupement. Relisez-le."),
    "CARD_EXPIRED": N_("Cette carte a expiré. La personne peut en demander une nouvelle sur son tableau de bord."),
    "CARD_REVOKED": N_("Cette carte a été remplacée : demandez la nouvelle."),
    "NO_BOOKING_NOW": N_("Rien n'est réservé ici par cette personne dans la demi-heure."),
    # the house
    "REQUEST_ID_REUSED": N_("Ce formulaire a déjà été envoyé avec d'autres réponses. Vérifiez, puis renvoyez-le."),
}


def status_of(refusal: Refusal) -> HTTPStatus:
    """The HTTP status of a refusal's kind."""
    return _STATUSES[kind_of(refusal)]


def sentence(language: Language, refusal: Refusal) -> str:
    """What to tell the visitor: what happened and what to do next."""
    return language.say(SENTENCES.get(refusal.reason) or _BY_KIND[kind_of(refusal)])
