"""The words for what joint events name by number: states, parts taken, formats, outcomes."""

from groupement.shared_identity.v1.door_service_pb2 import ScanOutcome
from groupement.shared_identity.v1.joint_event_pb2 import (
    JointEventState,
    OrganiserAccess,
    OrganiserRole,
    QuestionKind,
    SessionFormat,
)
from groupement.shared_identity.v1.outcome_service_pb2 import ContributionKind, ContributionState
from groupement.shared_identity.v1.registration_pb2 import BasisKind, RegistrantProfile, RegistrationState

from portal.i18n import N_

EVENT_STATES = {
    "JOINT_EVENT_STATE_UNSPECIFIED": N_("Inconnu"),
    "JOINT_EVENT_STATE_DRAFT": N_("Brouillon"),
    "JOINT_EVENT_STATE_PUBLISHED": N_("Publié"),
    "JOINT_EVENT_STATE_CLOSED": N_("Clos"),
    "JOINT_EVENT_STATE_CANCELLED": N_("Annulé"),
}
ORGANISER_ROLES = {
    "ORGANISER_ROLE_UNSPECIFIED": N_("Organise"),
    "ORGANISER_ROLE_LEAD": N_("Porte l'événement"),
    "ORGANISER_ROLE_CO_ORGANISER": N_("Co-organise"),
    "ORGANISER_ROLE_HOST_VENUE": N_("Accueille"),
    "ORGANISER_ROLE_PARTNER": N_("Soutient"),
}
ORGANISER_ACCESSES = {
    "ORGANISER_ACCESS_UNSPECIFIED": N_("Inconnu"),
    "ORGANISER_ACCESS_NONE": N_("Aucun accès"),
    "ORGANISER_ACCESS_DOOR": N_("Tient la porte"),
    "ORGANISER_ACCESS_OWN_REGISTRANTS": N_("Voit ses inscrits"),
    "ORGANISER_ACCESS_MANAGE": N_("Gère l'événement"),
}
SESSION_FORMATS = {
    "SESSION_FORMAT_UNSPECIFIED": N_("Temps"),
    "SESSION_FORMAT_PLENARY": N_("Plénière"),
    "SESSION_FORMAT_TALK": N_("Conférence"),
    "SESSION_FORMAT_WORKSHOP": N_("Atelier"),
    "SESSION_FORMAT_CLOSING": N_("Conclusion"),
    "SESSION_FORMAT_SOCIAL": N_("Moment convivial"),
}
QUESTION_KINDS = {
    "QUESTION_KIND_UNSPECIFIED": N_("Question"),
    "QUESTION_KIND_TEXT": N_("Réponse libre"),
    "QUESTION_KIND_CHOICE": N_("Un choix"),
    "QUESTION_KIND_CHOICES": N_("Plusieurs choix"),
    "QUESTION_KIND_YES_NO": N_("Oui ou non"),
}
REGISTRATION_STATES = {
    "REGISTRATION_STATE_UNSPECIFIED": N_("Inconnu"),
    "REGISTRATION_STATE_HELD": N_("Formulaire en cours"),
    "REGISTRATION_STATE_CONFIRMED": N_("Inscription confirmée"),
    "REGISTRATION_STATE_CANCELLED": N_("Place rendue"),
    "REGISTRATION_STATE_EXPIRED": N_("Formulaire abandonné"),
    "REGISTRATION_STATE_WAITING": N_("Sur liste d'attente"),
    "REGISTRATION_STATE_OFFERED": N_("Place proposée"),
    "REGISTRATION_STATE_LAPSED": N_("Proposition passée"),
    "REGISTRATION_STATE_ATTENDED": N_("Présence enregistrée"),
    "REGISTRATION_STATE_NO_SHOW": N_("Absence"),
}
REGISTRANT_PROFILES = {
    "REGISTRANT_PROFILE_UNSPECIFIED": N_("Non précisé"),
    "REGISTRANT_PROFILE_CITIZEN": N_("Particulier"),
    "REGISTRANT_PROFILE_COMPANY": N_("Entreprise"),
    "REGISTRANT_PROFILE_ASSOCIATION": N_("Association"),
    "REGISTRANT_PROFILE_PUBLIC_BODY": N_("Collectivité ou service public"),
    "REGISTRANT_PROFILE_PROJECT_HOLDER": N_("Porteur ou porteuse de projet"),
    "REGISTRANT_PROFILE_OTHER": N_("Autre"),
}
BASIS_KINDS = {
    "BASIS_KIND_UNSPECIFIED": N_("Inconnu"),
    "BASIS_KIND_MEMBER": N_("Membre"),
    "BASIS_KIND_INVITED": N_("Sur invitation"),
}
CONTRIBUTION_KINDS = {
    "CONTRIBUTION_KIND_UNSPECIFIED": N_("Contribution"),
    "CONTRIBUTION_KIND_INNOVATION": N_("Innovation"),
    "CONTRIBUTION_KIND_EXISTING_INITIATIVE": N_("Initiative existante"),
    "CONTRIBUTION_KIND_NEED": N_("Besoin"),
}
CONTRIBUTION_STATES = {
    "CONTRIBUTION_STATE_UNSPECIFIED": N_("Inconnu"),
    "CONTRIBUTION_STATE_CAPTURED": N_("Notée"),
    "CONTRIBUTION_STATE_FOLLOWED": N_("Suivie"),
    "CONTRIBUTION_STATE_DONE": N_("Aboutie"),
    "CONTRIBUTION_STATE_DROPPED": N_("Sans suite"),
}
SCAN_OUTCOMES = {
    "SCAN_OUTCOME_UNSPECIFIED": N_("Inconnu"),
    "SCAN_OUTCOME_IN": N_("Entrée enregistrée"),
    "SCAN_OUTCOME_ALREADY_IN": N_("Déjà à l'intérieur"),
    "SCAN_OUTCOME_UNDONE": N_("Entrée annulée"),
    "SCAN_OUTCOME_UNKNOWN_TICKET": N_("Billet inconnu"),
    "SCAN_OUTCOME_NO_SEAT": N_("Billet rendu ou transmis"),
    "SCAN_OUTCOME_OTHER_SESSION": N_("N'a pas choisi ce temps"),
    "SCAN_OUTCOME_FULL": N_("Plus de place sans billet"),
}
_ENUMS = {
    "event_state": (JointEventState, EVENT_STATES),
    "organiser_role": (OrganiserRole, ORGANISER_ROLES),
    "organiser_access": (OrganiserAccess, ORGANISER_ACCESSES),
    "session_format": (SessionFormat, SESSION_FORMATS),
    "question_kind": (QuestionKind, QUESTION_KINDS),
    "registration_state": (RegistrationState, REGISTRATION_STATES),
    "registrant_profile": (RegistrantProfile, REGISTRANT_PROFILES),
    "basis_kind": (BasisKind, BASIS_KINDS),
    "contribution_kind": (ContributionKind, CONTRIBUTION_KINDS),
    "contribution_state": (ContributionState, CONTRIBUTION_STATES),
    "scan_outcome": (ScanOutcome, SCAN_OUTCOMES),
}
BY_NUMBER: dict[str, dict[int, str]] = {
    kind: {number: words[name] for name, number in enum.items()} for kind, (enum, words) in _ENUMS.items()
}
