"""Where one writes entries: at one's own desk, or at that of a structure's team."""

from collections.abc import Sequence
from dataclasses import dataclass

from groupement.shared_identity.v1.directory_entry_pb2 import (
    ENTRY_KIND_ORGANISATION,
    ENTRY_KIND_PERSON,
    ENTRY_KIND_PLACE,
    ENTRY_KIND_PROJECT,
    DirectoryEntry,
    EntryKind,
)
from groupement.shared_identity.v1.directory_service_pb2 import (
    GetMyEntryRequest,
    GetVocabularyResponse,
    ListMyEntriesRequest,
)

from portal.pages.directory.perspective import houses_of
from portal.pages.directory.writing import Writing, writing
from portal.pages.team import WRITES_ENTRIES, team_member
from portal.showcase import House
from portal.visit import Visit

MOST = 200
_OWN = (ENTRY_KIND_PERSON, ENTRY_KIND_PROJECT)
_HELD = (ENTRY_KIND_ORGANISATION, ENTRY_KIND_PLACE)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """Its address, whose entries are written there, and the structures their holder belongs to."""

    visit: Visit
    path: str
    structure: str
    house: House | None
    kinds: Sequence[EntryKind.ValueType]
    mine: Sequence[House]

    async def entries(self) -> list[DirectoryEntry]:
        """The entries written here."""
        wish = ListMyEntriesRequest(page_size=MOST)
        stub = self.visit.backends.identity.directory
        found = await self.visit.ask(stub.ListMyEntries, wish, structure=self.structure)
        return [entry for entry in found.entries if entry.kind in self.kinds]

    async def entry(self) -> DirectoryEntry:
        """The entry of the address; raises UnknownEntry."""
        wish = GetMyEntryRequest(entry_id=self.visit.path("entry"))
        stub = self.visit.backends.identity.directory
        return (await self.visit.ask(stub.GetMyEntry, wish, structure=self.structure)).entry

    async def writing(self, kind: EntryKind.ValueType) -> Writing:
        """How a kind of entry is written here."""
        vocabulary: GetVocabularyResponse = await self.visit.showcase.vocabulary()
        return writing(vocabulary, kind, self.mine, self.visit.language)


async def desk_of(visit: Visit) -> Desk:
    """The desk of the address: a team's under `/equipe/{structure}`, else the visitor's own. Raises NotOnTheTeam."""
    if "structure" in visit.request.path_params:
        house, _ = await team_member(visit, WRITES_ENTRIES)
        path = f"/equipe/{house.slug}/annuaire"
        return Desk(visit=visit, path=path, structure=house.slug, house=house, kinds=_HELD, mine=(house,))
    visit.signed_in()
    mine = await houses_of(visit)
    structure = mine[0].slug if mine else visit.portal.settings.structures[0]
    return Desk(visit=visit, path="/mon-annuaire", structure=structure, house=None, kinds=_OWN, mine=mine)
