"""The front door to the directory: who looks is decided by who calls, and what they find comes from memory."""

from functools import partial

from groupement.shared_identity.v1 import directory_service_pb2 as pb
from groupement.shared_identity.v1.directory_service_pb2_grpc import DirectoryServiceServicer
from servicekit.caller import Caller, current_caller
from servicekit.clock import Clock
from servicekit.rpc.callers import Context
from servicekit.rpc.commands import Commands
from servicekit.rpc.paging import after, cut, next_token, page
from servicekit.sql import Database

from shared_identity.days import day_of
from shared_identity.directory import usecases, wire
from shared_identity.directory.domain import PUBLIC, Viewer, at
from shared_identity.directory.listing import Listing
from shared_identity.directory.queries import Question
from shared_identity.directory.usecases import Wish, Writer
from shared_identity.directory.words import asked

_PORTAL = "portal"
_PATIENCE_SECONDS = 5.0
_FURTHEST = 1_000_000


class DirectoryRpc(DirectoryServiceServicer):
    """Answers `DirectoryService`."""

    def __init__(self, db: Database, listing: Listing, *, clock: Clock) -> None:
        self._db = db
        self._listing = listing
        self._command = Commands(db, clock=clock)
        self._clock = clock
        self._vocabulary = wire.vocabulary()

    async def SearchDirectory(
        self, request: pb.SearchDirectoryRequest, _context: Context
    ) -> pb.SearchDirectoryResponse:
        question = Question(words=asked(wire.words(request)), facets=wire.facets(request))
        wanted = page(request)
        skip = after(wanted, _place) or 0
        viewer = await self._viewer()
        found = self._listing.search(question, viewer, skip=skip, limit=wanted.size)
        answer = pb.SearchDirectoryResponse.FromString(b"".join(found.entries))
        answer.next_page_token = "" if found.ended else next_token(request, (str(skip + wanted.size),))
        answer.total_size = found.total
        answer.approximate = found.approximate
        wire.add_counts(answer, found.counts)
        return answer

    async def GetEntry(self, request: pb.GetEntryRequest, _context: Context) -> pb.GetEntryResponse:
        return pb.GetEntryResponse.FromString(self._listing.seen(request.entry_id, await self._viewer()))

    async def GetVocabulary(self, _request: pb.GetVocabularyRequest, _context: Context) -> pb.GetVocabularyResponse:
        return self._vocabulary

    async def GetMyEntry(self, request: pb.GetMyEntryRequest, _context: Context) -> pb.GetMyEntryResponse:
        async with self._db.reading() as work:
            entry = await usecases.mine(work, request.entry_id, _writer())
        return pb.GetMyEntryResponse(entry=wire.own_message(entry))

    async def ListMyEntries(self, request: pb.ListMyEntriesRequest, _context: Context) -> pb.ListMyEntriesResponse:
        wanted = page(request)
        skip = after(wanted, _place) or 0
        async with self._db.reading() as work:
            held = await usecases.all_mine(work, _writer())
        rows = list(enumerate(held))[skip : skip + wanted.size + 1]
        shown, token = cut(request, wanted, rows, lambda row: (str(row[0] + 1),))
        return pb.ListMyEntriesResponse(entries=[wire.own_message(entry) for _, entry in shown], next_page_token=token)

    async def SaveEntry(self, request: pb.SaveEntryRequest, context: Context) -> pb.SaveEntryResponse:
        kind = wire.kind(request.kind)
        fields = wire.fields(kind, request.fields)
        wish = Wish(entry_id=request.entry_id, kind=kind, fields=fields, etag=request.etag)
        async with self._command(request, context) as work:
            entry = await usecases.save(work, wish, _writer(), now=self._clock())
            work.after_commit(partial(self._listing.put, entry))
            answer = work.answer(pb.SaveEntryResponse(entry=wire.own_message(entry)))
        await self._listing.caught_up()
        return answer

    async def WithdrawEntry(self, request: pb.WithdrawEntryRequest, context: Context) -> pb.WithdrawEntryResponse:
        async with self._command(request, context) as work:
            gone = await usecases.withdraw(work, request.entry_id, request.etag, _writer(), now=self._clock())
            work.after_commit(partial(self._listing.drop, gone.entry_id, gone.version))
            answer = work.answer(pb.WithdrawEntryResponse(entry_id=gone.entry_id))
        await self._listing.caught_up()
        return answer

    async def PreviewEntry(self, request: pb.PreviewEntryRequest, _context: Context) -> pb.PreviewEntryResponse:
        kind, viewer = wire.kind(request.kind), wire.viewer(request)
        fields = wire.fields(kind, request.fields)
        async with self._db.reading() as work:
            entry = await usecases.preview(work, kind, fields, _writer(), now=self._clock())
        if viewer is None:
            return pb.PreviewEntryResponse(entry=wire.own_message(entry))
        seen = entry.seen_by(viewer)
        return pb.PreviewEntryResponse(entry=None if seen is None else wire.view_message(seen))

    async def _viewer(self) -> Viewer:
        """Who looks: a structure's service is that structure, the portal is the public or whoever signed in there."""
        await self._listing.ready(_PATIENCE_SECONDS)
        caller = current_caller()
        if caller.peer.kind != _PORTAL:
            return at(caller.acting_for)
        if caller.person_id is None:
            return PUBLIC
        async with self._db.reading() as work:
            return await usecases.viewer_of(work, caller.person_id, caller.acting_for, day_of(self._clock()))


def _writer() -> Writer:
    caller: Caller = current_caller()
    return Writer(person_id=caller.person(), structure=caller.acting_for, roles=caller.roles)


def _place(text: str) -> int:
    place = int(text)
    if not 0 <= place <= _FURTHEST:
        raise ValueError("no list is so long")
    return place
