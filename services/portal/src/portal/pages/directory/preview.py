"""An entry as others would see it, before it is saved."""

from collections.abc import Sequence
from dataclasses import dataclass

from groupement.shared_identity.v1.directory_entry_pb2 import EntryField, EntryKind
from groupement.shared_identity.v1.directory_service_pb2 import (
    VIEWER_GROUPEMENT,
    VIEWER_ME,
    VIEWER_PUBLIC,
    VIEWER_STRUCTURE,
    PreviewEntryRequest,
)
from servicekit.refusals import Refusal

from portal.pages.directory.shown import Shown, shown
from portal.showcase import House
from portal.visit import Visit

PUBLIC, GROUPEMENT, ME = "public", "groupement", "moi"
_VIEWERS = {PUBLIC: VIEWER_PUBLIC, GROUPEMENT: VIEWER_GROUPEMENT, ME: VIEWER_ME}


@dataclass(frozen=True, kw_only=True)
class Preview:
    """What one viewer would see: the entry, nothing at all, or why there is nothing to show; `viewer` "" for nobody."""

    viewer: str
    viewers: Sequence[tuple[str, str]]
    entry: Shown | None = None
    problem: str = ""


async def preview(
    visit: Visit,
    kind: EntryKind.ValueType,
    fields: Sequence[EntryField],
    viewer: str,
    mine: Sequence[House],
    structure: str,
) -> Preview:
    """The entry as `viewer` would see it: "public", "groupement", a structure, "moi"; nothing for ""."""
    viewers = _viewers(visit, mine)
    if not viewer:
        return Preview(viewer="", viewers=viewers)
    viewer = viewer if viewer in dict(viewers) else PUBLIC
    try:
        found = await visit.ask(
            visit.backends.identity.directory.PreviewEntry,
            PreviewEntryRequest(
                kind=kind,
                fields=fields,
                viewer=_VIEWERS.get(viewer, VIEWER_STRUCTURE),
                structure="" if viewer in _VIEWERS else viewer,
            ),
            structure=structure,
        )
    except Refusal as refusal:
        return Preview(viewer=viewer, viewers=viewers, problem=visit.sentence(refusal))
    houses = await visit.showcase.houses()
    entry = shown(found.entry, houses, visit.language) if found.HasField("entry") else None
    return Preview(viewer=viewer, viewers=viewers, entry=entry)


def _viewers(visit: Visit, mine: Sequence[House]) -> list[tuple[str, str]]:
    say = visit.language.say
    return [
        (PUBLIC, say("Le public")),
        (GROUPEMENT, say("Le groupement")),
        *((house.slug, house.name) for house in mine),
        (ME, say("Moi")),
    ]
