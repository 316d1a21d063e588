"""The words for what the contract names by number: kinds, states, roles."""

from groupement.coworking.v1.booking_pb2 import BookingState, Coverage
from groupement.coworking.v1.place_pb2 import Accessibility, ResourceKind
from groupement.declaration.v1.events_pb2 import MembershipKind
from groupement.incubator.v1.application_pb2 import ApplicationState
from groupement.incubator.v1.project_pb2 import ExitReason

from portal import event_words
from portal.i18n import N_

Words = dict[str, str]

RESOURCE_KINDS: Words = {
    "RESOURCE_KIND_UNSPECIFIED": N_("Espace"),
    "RESOURCE_KIND_NOMAD_SEAT": N_("Place nomade"),
    "RESOURCE_KIND_DESK": N_("Bureau fixe"),
    "RESOURCE_KIND_MEETING_ROOM": N_("Salle de réunion"),
    "RESOURCE_KIND_CONFIDENTIALITY_BOX": N_("Box de confidentialité"),
    "RESOURCE_KIND_EVENT_SPACE": N_("Salle d'événement"),
    "RESOURCE_KIND_KITCHEN": N_("Cuisine"),
}
BOOKING_STATES: Words = {
    "BOOKING_STATE_UNSPECIFIED": N_("Inconnu"),
    "BOOKING_STATE_CONFIRMED": N_("Confirmée"),
    "BOOKING_STATE_CANCELLED": N_("Annulée"),
    "BOOKING_STATE_CHECKED_IN": N_("Arrivée"),
}
COVERAGES: Words = {
    "COVERAGE_UNSPECIFIED": N_("Inconnu"),
    "COVERAGE_PRICE": N_("Prix de l'espace"),
    "COVERAGE_ENTITLEMENT": N_("Droit ouvert"),
}
ACCESSIBILITIES: Words = {
    "ACCESSIBILITY_UNSPECIFIED": N_("non renseigné"),
    "ACCESSIBILITY_YES": N_("oui"),
    "ACCESSIBILITY_NO": N_("non"),
    "ACCESSIBILITY_UNKNOWN": N_("pas encore vérifié"),
}
MEMBERSHIP_KINDS: Words = {
    "MEMBERSHIP_KIND_UNSPECIFIED": N_("Membre"),
    "MEMBERSHIP_KIND_INCUBATED": N_("Projet accompagné"),
    "MEMBERSHIP_KIND_COWORKER": N_("Coworking"),
    "MEMBERSHIP_KIND_ALUMNI": N_("Ancien projet accompagné"),
    "MEMBERSHIP_KIND_STAFF": N_("Équipe"),
    "MEMBERSHIP_KIND_VOLUNTEER": N_("Bénévolat"),
}
APPLICATION_STATES: Words = {
    "APPLICATION_STATE_UNSPECIFIED": N_("Inconnu"),
    "APPLICATION_STATE_SUBMITTED": N_("En attente de réponse"),
    "APPLICATION_STATE_ADMITTED": N_("Admise"),
    "APPLICATION_STATE_DECLINED": N_("Non retenue"),
    "APPLICATION_STATE_WITHDRAWN": N_("Retirée"),
}
EXIT_REASONS: Words = {
    "EXIT_REASON_UNSPECIFIED": N_("Inconnu"),
    "EXIT_REASON_COMPLETED": N_("Parcours achevé"),
    "EXIT_REASON_ABANDONED": N_("Projet abandonné"),
    "EXIT_REASON_REDIRECTED": N_("Orienté vers une autre structure"),
}
ROLES: Words = {
    "DIRECTOR": N_("Direction"),
    "ADVISOR": N_("Accompagnement"),
    "COMMUNITY_MANAGER": N_("Animation du lieu"),
    "ACCOUNTANT": N_("Comptabilité"),
    "EVENT_MANAGER": N_("Événements"),
    "ADMIN": N_("Administration"),
    "MEMBER": N_("Membre"),
}


_ENUMS = {
    "resource_kind": (ResourceKind, RESOURCE_KINDS),
    "booking_state": (BookingState, BOOKING_STATES),
    "coverage": (Coverage, COVERAGES),
    "accessibility": (Accessibility, ACCESSIBILITIES),
    "membership_kind": (MembershipKind, MEMBERSHIP_KINDS),
    "application_state": (ApplicationState, APPLICATION_STATES),
    "exit_reason": (ExitReason, EXIT_REASONS),
}
_BY_NUMBER: dict[str, dict[int, str]] = {
    **event_words.BY_NUMBER,
    **{kind: {number: words[name] for name, number in enum.items()} for kind, (enum, words) in _ENUMS.items()},
}


def word(kind: str, number: int) -> str:
    """The French word for a value of the contract, to be translated; that of "unspecified" for one we do not know."""
    words = _BY_NUMBER[kind]
    return words.get(number, words[0])


def role(name: str) -> str:
    """The French word for a role, to be translated."""
    return ROLES.get(name, name)


def resource_kind_named(name: str) -> str:
    """The French word for a kind of space as agreements name it: "NOMAD_SEAT"."""
    return RESOURCE_KINDS.get(f"RESOURCE_KIND_{name}", name)
