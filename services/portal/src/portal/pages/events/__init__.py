"""Joint events, for the public and for members: their pages, registering, tickets."""

from collections.abc import Mapping

from portal.pages.events import calendar, left, listing, mine, poster, registering, ticket_changes, tickets, waiting
from portal.visit import Page

GET_PAGES: Mapping[str, Page] = {
    "/evenements": listing.show,
    "/evenements.ics": calendar.feed,
    "/evenements/{slug}.ics": calendar.one,
    "/evenements/{slug}": poster.show,
    "/evenements/{slug}/places": left.show,
    "/evenements/{slug}/inscription": poster.back,
    "/evenements/{slug}/moi": poster.back,
    "/evenements/{slug}/arrangement": poster.show_arrangement,
    "/evenements/{slug}/inscrit": registering.done,
    "/evenements/{slug}/liste-d-attente": waiting.show,
    "/evenements/{slug}/en-attente": waiting.joined,
    "/evenements/{slug}/retrouver": waiting.show_resend,
    "/evenements/{slug}/retrouve": waiting.resent,
    "/evenements/{slug}/transmis": ticket_changes.transferred,
    "/inscription/{code}": registering.show,
    "/billet": tickets.show,
    "/billet.ics": tickets.ics,
    "/billet/changer": ticket_changes.show_change,
    "/billet/transmettre": ticket_changes.show_transfer,
    "/billet/annuler": ticket_changes.show_cancel,
    "/billet/refuser": ticket_changes.show_decline,
    "/mes-billets": mine.show,
}
POST_PAGES: Mapping[str, Page] = {
    "/evenements/{slug}/inscription": registering.hold,
    "/evenements/{slug}/moi": mine.register,
    "/evenements/{slug}/liste-d-attente": waiting.join,
    "/evenements/{slug}/retrouver": waiting.resend,
    "/inscription/{code}": registering.confirm,
    "/inscription/{code}/rendre": registering.release,
    "/billet/changer": ticket_changes.change,
    "/billet/transmettre": ticket_changes.transfer,
    "/billet/annuler": ticket_changes.cancel,
    "/billet/accepter": ticket_changes.accept,
    "/billet/refuser": ticket_changes.decline,
    "/billet/rejoindre": ticket_changes.rejoin,
}
