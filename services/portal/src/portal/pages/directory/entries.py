"""One entry of the directory, as its reader may see it; the projects that chose to show themselves."""

from groupement.shared_identity.v1.directory_entry_pb2 import ENTRY_KIND_PROJECT
from groupement.shared_identity.v1.directory_service_pb2 import GetEntryRequest, SearchDirectoryRequest
from starlette.responses import Response

from portal.pages.directory.perspective import perspective
from portal.pages.directory.shown import Shown, shown
from portal.visit import Visit

SHOWN_AT_HOME, FOUND_AT_ONCE = 6, 8
_LONGEST = 200


async def show(visit: Visit) -> Response:
    """`GET /annuaire/{entry}?vue=`"""
    seen_as = await perspective(visit)
    found = await visit.ask(
        visit.backends.identity.directory.GetEntry,
        GetEntryRequest(entry_id=visit.path("entry")),
        structure=seen_as.structure,
    )
    entry = shown(found.entry, await visit.showcase.houses(), visit.language)
    return await visit.page("directory/entry.html", house=entry.held_by, entry=entry, seen_as=seen_as)


async def found_by(visit: Visit, words: str) -> list[Shown]:
    """The first entries that hold some words, as this visitor sees them; none for no words. Raises Unavailable."""
    if not words:
        return []
    seen_as = await perspective(visit)
    request = SearchDirectoryRequest(query=words[:_LONGEST], page_size=FOUND_AT_ONCE)
    stub = visit.backends.identity.directory
    found = await visit.ask(stub.SearchDirectory, request, structure=seen_as.structure)
    houses = await visit.showcase.houses()
    return [shown(entry, houses, visit.language) for entry in found.entries]


async def public_projects(visit: Visit) -> list[Shown]:
    """Some projects shown to everybody, asked each time: what is withdrawn goes at once. Raises Unavailable."""
    found = await visit.ask(
        visit.backends.identity.directory.SearchDirectory,
        SearchDirectoryRequest(kinds=[ENTRY_KIND_PROJECT], page_size=SHOWN_AT_HOME),
    )
    houses = await visit.showcase.houses()
    return [shown(entry, houses, visit.language) for entry in found.entries]
