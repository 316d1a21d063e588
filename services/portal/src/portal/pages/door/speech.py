"""What the door's script must know and say: addresses, sessions, and every sentence in the visitor's language."""

import json
from collections.abc import Mapping
from datetime import datetime

from portal.event_words import SCAN_OUTCOMES
from portal.i18n import N_
from portal.pages.door import shell
from portal.pages.door.hall import Hall

_SENTENCES: Mapping[str, str] = {
    "online": N_("En ligne"),
    "offline": N_("Hors ligne"),
    "offline_note": N_("La porte continue. Les passages partiront dès le retour du réseau."),
    "nothing_waits": N_("Tout est envoyé"),
    "one_waits": N_("1 passage à envoyer"),
    "many_wait": N_("{n} passages à envoyer"),
    "in": N_("Entrée enregistrée"),
    "in_here": N_("Entrée notée sur ce téléphone"),
    "not_listed": N_("Ce billet n'est pas dans la liste de ce téléphone"),
    "not_listed_note": N_("La réponse viendra avec le réseau."),
    "other_session_note": N_("La réponse viendra avec le réseau."),
    "already_note": N_("Ce billet a déjà servi à cette porte."),
    "walk_in_note": N_("Sans billet : la place sera confirmée avec le réseau."),
    "undone": N_("Entrée annulée"),
    "undo": N_("Annuler"),
    "undo_of": N_("Annuler l'entrée de {name}"),
    "let_in": N_("Faire entrer"),
    "let_in_who": N_("Faire entrer {name}"),
    "present": N_("À l'intérieur"),
    "expected": N_("Pas encore là"),
    "somebody": N_("Une personne"),
    "without_ticket": N_("sans billet"),
    "none_found": N_("Personne de ce nom dans la liste. Essayez le code du billet."),
    "needs": N_("Voir les besoins d'accueil"),
    "list_made": N_("Liste du {time}"),
    "list_missing": N_("Ce téléphone n'a pas encore de liste : ouvrez cette page une fois avec le réseau."),
    "list_tampered": N_("La liste reçue n'est pas signée par le groupement : elle est refusée."),
    "list_tampered_note": N_("Ne l'utilisez pas. Prévenez la personne qui gère l'événement."),
    "signed_out": N_("Vous n'êtes plus à cette porte : reconnectez-vous pour envoyer les passages."),
    "camera_denied": N_("L'appareil photo n'est pas permis. Autorisez-le, ou tapez le code du billet."),
    "camera_off": N_("Fermer l'appareil photo"),
    "camera_on": N_("Scanner un billet"),
    "aim": N_("Visez le code du billet"),
    "settled": N_("C'est réglé"),
    "still_waiting": N_("Des passages attendent encore d'être envoyés."),
    "still_waiting_note": N_("Retrouvez le réseau : ils partiront seuls. Déconnectez-vous ensuite."),
    "clock": N_("{hour} h {minute}"),
}


def told(hall: Hall, *, until: datetime) -> str:
    """All of it, as JSON for one attribute of the page."""
    say = hall.visit.language.say
    outcomes = {name: say(sentence) for name, sentence in SCAN_OUTCOMES.items()}
    return json.dumps(
        {
            "event": hall.event.event_id,
            "until": until.isoformat(),
            "worker": "/porte/sw.js",
            "version": shell.digest(),
            "list": hall.at("/liste"),
            "scans": hall.at("/passages"),
            "counts": hall.at("/comptes"),
            "person": f"/porte/{hall.event.event_id}/personnes/",
            "needs": f"/porte/{hall.event.event_id}/besoins/",
            "in_whose_name": hall.structure,
            "keys": "/porte/cle",
            "page": f"/porte/{hall.event.event_id}",
            "reader": hall.visit.portal.assets.url("jsQR.js"),
            "words": {name: say(sentence) for name, sentence in _SENTENCES.items()} | {"outcomes": outcomes},
        },
        ensure_ascii=False,
    )
