"""The shared directory: looking for entries, reading one, writing one's own and those of one's structure."""

from collections.abc import Mapping

from portal.pages.directory import entries, mine, search
from portal.visit import Page

GET_PAGES: Mapping[str, Page] = {
    "/annuaire": search.show,
    "/annuaire/{entry}": entries.show,
    "/mon-annuaire": mine.show,
    "/mon-annuaire/nouvelle": mine.show_new,
    "/mon-annuaire/{entry}": mine.show_entry,
    "/equipe/{structure}/annuaire": mine.show,
    "/equipe/{structure}/annuaire/nouvelle": mine.show_new,
    "/equipe/{structure}/annuaire/{entry}": mine.show_entry,
}
POST_PAGES: Mapping[str, Page] = {
    "/mon-annuaire/nouvelle": mine.create,
    "/mon-annuaire/{entry}": mine.save,
    "/mon-annuaire/{entry}/retirer": mine.withdraw,
    "/equipe/{structure}/annuaire/nouvelle": mine.create,
    "/equipe/{structure}/annuaire/{entry}": mine.save,
    "/equipe/{structure}/annuaire/{entry}/retirer": mine.withdraw,
}
