"""The words for what the contract of joint events names by number."""

from portal.i18n import N_

Words = dict[str, str]

JOINT_EVENT_STATES: Words = {
    "JOINT_EVENT_STATE_UNSPECIFIED": N_("Inconnu"),
    "JOINT_EVENT_STATE_DRAFT": N_("En préparation"),
    "JOINT_EVENT_STATE_PUBLISHED": N_("Publié"),
    "JOINT_EVENT_STATE_CLOSED": N_("Terminé"),
    "JOINT_EVENT_STATE_CANCELLED": N_("Annulé"),
}
ORGANISER_ROLES: Words = {
    "ORGANISER_ROLE_UNSPECIFIED": N_("Inconnu"),
    "ORGANISER_ROLE_LEAD": N_("À l'initiative"),
    "ORGANISER_ROLE_CO_ORGANISER": N_("Coorganisation"),
    "ORGANISER_ROLE_HOST_VENUE": N_("Lieu d'accueil"),
    "ORGANISER_ROLE_PARTNER": N_("Partenaire"),
}
ORGANISER_ACCESSES: Words = {
    "ORGANISER_ACCESS_UNSPECIFIED": N_("Inconnu"),
    "ORGANISER_ACCESS_NONE": N_("Aucun accès"),
    "ORGANISER_ACCESS_DOOR": N_("Tient l'accueil"),
    "ORGANISER_ACCESS_OWN_REGISTRANTS": N_("Voit ses propres inscrits"),
    "ORGANISER_ACCESS_MANAGE": N_("Prépare l'événement"),
}
SESSION_FORMATS: Words = {
    "SESSION_FORMAT_UNSPECIFIED": N_("Temps"),
    "SESSION_FORMAT_PLENARY": N_("Plénière"),
    "SESSION_FORMAT_TALK": N_("Conférence"),
    "SESSION_FORMAT_WORKSHOP": N_("Atelier"),
    "SESSION_FORMAT_CLOSING": N_("Conclusion"),
    "SESSION_FORMAT_SOCIAL": N_("Moment convivial"),
}
QUESTION_KINDS: Words = {
    "QUESTION_KIND_UNSPECIFIED": N_("Inconnu"),
    "QUESTION_KIND_TEXT": N_("Réponse libre"),
    "QUESTION_KIND_CHOICE": N_("Un choix"),
    "QUESTION_KIND_CHOICES": N_("Plusieurs choix"),
    "QUESTION_KIND_YES_NO": N_("Oui ou non"),
}
REGISTRATION_STATES: Words = {
    "REGISTRATION_STATE_UNSPECIFIED": N_("Inconnu"),
    "REGISTRATION_STATE_HELD": N_("Place gardée"),
    "REGISTRATION_STATE_CONFIRMED": N_("Inscription confirmée"),
    "REGISTRATION_STATE_CANCELLED": N_("Inscription annulée"),
    "REGISTRATION_STATE_EXPIRED": N_("Délai dépassé"),
    "REGISTRATION_STATE_WAITING": N_("Sur liste d'attente"),
    "REGISTRATION_STATE_OFFERED": N_("Place proposée"),
    "REGISTRATION_STATE_LAPSED": N_("Proposition laissée"),
    "REGISTRATION_STATE_ATTENDED": N_("Présence notée"),
    "REGISTRATION_STATE_NO_SHOW": N_("Absence notée"),
}
REGISTRANT_PROFILES: Words = {
    "REGISTRANT_PROFILE_UNSPECIFIED": N_("Non précisé"),
    "REGISTRANT_PROFILE_CITIZEN": N_("Habitante, habitant"),
    "REGISTRANT_PROFILE_COMPANY": N_("D'une entreprise"),
    "REGISTRANT_PROFILE_ASSOCIATION": N_("D'une association"),
    "REGISTRANT_PROFILE_PUBLIC_BODY": N_("D'un organisme public"),
    "REGISTRANT_PROFILE_PROJECT_HOLDER": N_("Porteuse ou porteur de projet"),
    "REGISTRANT_PROFILE_OTHER": N_("Autre"),
}
