"""What letters about joint events say, in French; `locales/*.po` say it in other languages."""

from collections.abc import Mapping

from shared_identity.mail.domain import Kind
from shared_identity.mail.words import Words
from shared_identity.mail.words import marked as _

EVENT_PATH = "/evenements/{slug}"
"""An event's own page, at the portal: anybody may read it."""

CHANGES: Mapping[str, str] = {"start": _("Début"), "end": _("Fin"), "place": _("Lieu")}
"""What may change of an event, by the parameter that says it."""

EVENT_WORDS: Mapping[Kind, Words] = {
    Kind.TICKET: Words(
        subject=_("Votre billet : {event}"),
        reason=_("Votre place est réservée. Voici votre billet."),
        action=_("Voir, modifier ou annuler mon billet"),
        path="/billet",
        note=_(
            "Montrez le code à l’entrée, sur votre téléphone ou imprimé. Un empêchement ? Rendez votre place : "
            "quelqu’un l’attend peut-être."
        ),
    ),
    Kind.WAITING: Words(
        subject=_("Liste d’attente : {event}"),
        reason=_(
            "Toutes les places sont prises pour le moment. Vous êtes sur la liste d’attente : dès qu’une place se "
            "libère pour vous, nous vous l’écrivons."
        ),
        action=_("Voir ou quitter la liste d’attente"),
        path="/billet",
        note=_("Les places qui se libèrent sont proposées dans l’ordre de la liste."),
    ),
    Kind.OFFER: Words(
        subject=_("Une place se libère : {event}"),
        reason=_("Une place vous est proposée. Elle est gardée pour vous jusqu’au {until}."),
        action=_("Prendre cette place"),
        path="/billet",
        note=_("Sans réponse d’ici là, elle sera proposée à la personne suivante."),
    ),
    Kind.OFFER_LAPSED: Words(
        subject=_("La place n’est plus gardée : {event}"),
        reason=_("Le délai pour prendre la place proposée est passé : elle est allée à la personne suivante."),
        action=_("Me remettre sur la liste d’attente"),
        path="/billet",
        note=_("Vous la rejoindrez à la fin."),
    ),
    Kind.REGISTRATION_CANCELLED: Words(
        subject=_("Votre place est rendue : {event}"),
        reason=_("Votre inscription est annulée, comme vous l’avez demandé."),
        action=_("Voir l’événement"),
        path=EVENT_PATH,
        note=_("Vous changez d’avis ? Vous pouvez vous inscrire de nouveau tant qu’il reste des places."),
    ),
    Kind.REGISTRATION_WITHDRAWN: Words(
        subject=_("Votre inscription est annulée : {event}"),
        reason=_("Les organisateurs ont annulé votre inscription."),
        action=_("Voir l’événement"),
        path=EVENT_PATH,
        note=_("Une question ? L’adresse des organisateurs est sur la page de l’événement."),
    ),
    Kind.TICKET_TRANSFERRED: Words(
        subject=_("Votre billet est transmis : {event}"),
        reason=_("Votre place est désormais celle de la personne que vous avez indiquée : votre billet ne vaut plus."),
        action=_("Voir l’événement"),
        path=EVENT_PATH,
        note=_("Vous n’avez rien demandé ? L’adresse des organisateurs est sur la page de l’événement."),
    ),
    Kind.EVENT_CHANGED: Words(
        subject=_("Changement : {event}"),
        reason=_("L’événement « {event} » n’a plus lieu au même moment ou au même endroit. Voici ce qui change."),
        action=_("Voir, modifier ou annuler mon billet"),
        path="/billet",
        note=_("Un empêchement ? Rendez votre place, ou quittez la liste : quelqu’un l’attend peut-être."),
    ),
    Kind.EVENT_CANCELLED: Words(
        subject=_("Annulé : {event}"),
        reason=_("Cet événement n’aura pas lieu."),
        action=_("Voir l’événement"),
        path=EVENT_PATH,
        note=_("Votre place est rendue : vous n’avez rien à faire."),
    ),
    Kind.EVENT_MESSAGE: Words(
        subject=_("{event} : {subject}"),
        reason=_("Un message de {organiser}, au sujet de l’événement « {event} »."),
        action=_("Voir mon billet"),
        path="/billet",
        note=_("Vous recevez ce message parce que vous avez une place ou attendez une place à cet événement."),
    ),
    Kind.INVITATION: Words(
        subject=_("{organiser} vous invite : {event}"),
        reason=_("{organiser} vous invite à l’événement « {event} »."),
        action=_("Découvrir l’événement et m’inscrire"),
        path=EVENT_PATH,
        query="invitation",
        note=_("Cette invitation est pour vous : elle sert une seule fois."),
    ),
    Kind.DELEGATE_INVITED: Words(
        subject=_("Préparer l’événement : {event}"),
        reason=_("Vous pouvez agir au nom de {organiser} pour l’événement « {event} »."),
        action=_("Me connecter et l’ouvrir"),
        path="/organiser",
        note=_("Connectez-vous avec cette adresse, ou créez d’abord un compte avec elle : c’est elle qui est invitée."),
    ),
}
"""Letters about a joint event, all of them."""
