"""Joint events, for those who prepare them: the same pages for a structure's team and for a partner's delegates."""

from collections.abc import Mapping

from portal.pages.organising import (
    arrangement,
    asked,
    contributions,
    events,
    organisers,
    overview,
    programme,
    registrants,
    report,
    seats,
    writing,
)
from portal.visit import Page

_BASES = ("/equipe/{structure}/evenements/{event}", "/organiser/evenements/{event}")
_GETS: Mapping[str, Page] = {
    "": overview.show,
    "/modifier": events.show_edit,
    "/annuler": overview.show_cancel,
    "/organisateurs": organisers.show,
    "/organisateurs/{organiser}": organisers.show_organiser,
    "/programme": programme.show,
    "/programme/temps/{session}": programme.show_session,
    "/programme/defis/{challenge}": asked.show_challenge,
    "/programme/questions/{question}": asked.show_question,
    "/places": seats.show,
    "/places/contingents/{organiser}": seats.show_allocation,
    "/inscrits": registrants.show,
    "/inscrits.csv": registrants.export,
    "/inscrits/liste": registrants.show_print,
    "/invitations": writing.show_invitations,
    "/messages": writing.show_messages,
    "/arrangement": arrangement.show,
    "/arrangement/nouvelle": arrangement.show_new,
    "/contributions": contributions.show,
    "/contributions/{contribution}": contributions.show_one,
    "/bilan": report.show,
}
_POSTS: Mapping[str, Page] = {
    "/modifier": events.edit,
    "/publier": overview.publish,
    "/annuler": overview.cancel,
    "/cloturer": overview.close,
    "/organisateurs/{organiser}": organisers.save,
    "/organisateurs/{organiser}/retirer": organisers.remove,
    "/delegues": organisers.invite_delegate,
    "/delegues/{delegate}/retirer": organisers.remove_delegate,
    "/programme/temps/{session}": programme.save_session,
    "/programme/temps/{session}/retirer": programme.remove_session,
    "/programme/defis/{challenge}": asked.save_challenge,
    "/programme/defis/{challenge}/retirer": asked.remove_challenge,
    "/programme/questions/{question}": asked.save_question,
    "/programme/questions/{question}/retirer": asked.remove_question,
    "/places": seats.set_capacity,
    "/places/temps/{session}": seats.set_session,
    "/places/contingents/{organiser}": seats.set_allocation,
    "/inscrits/{registration}/retirer": registrants.withdraw,
    "/invitations": writing.invite,
    "/invitations/{invitation}/retirer": writing.revoke,
    "/messages": writing.send,
    "/arrangement/nouvelle": arrangement.propose,
    "/arrangement/approuver": arrangement.approve,
    "/contributions": contributions.capture,
    "/contributions/{contribution}": contributions.update,
}
GET_PAGES: Mapping[str, Page] = {
    "/organiser": events.show_mine,
    "/equipe/{structure}/evenements": events.show_mine,
    "/equipe/{structure}/evenements/nouveau": events.show_new,
    **{f"{base}{path}": page for base in _BASES for path, page in _GETS.items()},
}
POST_PAGES: Mapping[str, Page] = {
    "/equipe/{structure}/evenements/nouveau": events.create,
    **{f"{base}{path}": page for base in _BASES for path, page in _POSTS.items()},
}
