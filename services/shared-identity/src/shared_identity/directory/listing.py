"""The directory as it is looked up and searched: every view of every entry, in memory, and the index over them.

It is made from the database and follows it: what this process commits at once, what its replicas commit when they say
so. Of two versions of an entry the higher stays, in whatever order they come.
"""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from servicekit.refusals import Unavailable

from shared_identity.directory.documents import Facets, facets
from shared_identity.directory.domain import Entry, UnknownEntry, View, Viewer, Views
from shared_identity.directory.index import Change, Counts, Index
from shared_identity.directory.queries import Question

Render = Callable[[View], bytes]
"""Makes of a view what is answered."""

_REST_SECONDS = 0.25
"""Changes show together, four times a second at most."""
_MOST_WAITING = 20_000
_MOST_GONE = 10_000


class DirectoryNotReady(Unavailable):
    """The directory is being read; it answers in a moment."""


class Answer(NamedTuple):
    """A view as it is answered, and what it counts under."""

    body: bytes
    facets: Facets


@dataclass(frozen=True, kw_only=True, slots=True)
class Shown:
    """An entry that somebody sees: its version, its number in the index, each of its views as it is answered."""

    version: int
    number: int
    public: Answer | None
    inside: Answer | None
    at: Mapping[str, Answer]

    def of(self, viewer: Viewer) -> Answer | None:
        """What a viewer sees."""
        if not viewer.inside:
            return self.public
        return self.at.get(viewer.structure, self.inside)


@dataclass(frozen=True, kw_only=True, slots=True)
class Results:
    """A page of what was found, as it is answered; `ended` when no other page follows."""

    entries: Sequence[bytes]
    total: int
    counts: Counts
    approximate: bool
    ended: bool


class Listing:
    """The views of all entries. Everything but `run` is called from one event loop and never waits for another."""

    def __init__(self, render: Render) -> None:
        self._render = render
        self._index = Index()
        self._shown: dict[str, Shown] = {}
        self._hidden: dict[str, int] = {}
        self._gone: OrderedDict[str, int] = OrderedDict()
        self._by_number: dict[int, Shown] = {}
        self._number = 0
        self._going: list[int] = []
        self._coming: dict[int, Views] = {}
        self._changes, self._indexed = 0, 0
        self._changed, self._committed, self._room = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._read, self._ready = asyncio.Event(), False
        self._room.set()

    def expect(self, structures: Iterable[str]) -> None:
        """Says which structures will ask, before anything is taken in; later it changes nothing."""
        if not self._changes:
            self._index = Index(frozenset(structures))

    def version(self, entry_id: str) -> int:
        """The version held of an entry; 0 when it was never heard of."""
        shown = self._shown.get(entry_id)
        return shown.version if shown else self._hidden.get(entry_id, self._gone.get(entry_id, 0))

    def held(self) -> set[str]:
        """The entries there are, shown or not."""
        return {*self._shown, *self._hidden}

    def put(self, entry: Entry) -> None:
        """Takes an entry in, as it became; what is older than what is held changes nothing."""
        if entry.version <= self.version(entry.entry_id):
            return
        self._forget(entry.entry_id)
        views = entry.views()
        if views.any:
            self._show(entry, views)
        else:
            self._hidden[entry.entry_id] = entry.version
        self._note_change()

    def drop(self, entry_id: str, version: int) -> None:
        """Takes an entry out that was withdrawn in this version."""
        if version < self.version(entry_id):
            return
        self._forget(entry_id)
        self._gone[entry_id] = version
        while len(self._gone) > _MOST_GONE:
            self._gone.popitem(last=False)
        self._note_change()

    def seen(self, entry_id: str, viewer: Viewer) -> bytes:
        """What a viewer sees of an entry; raises UnknownEntry."""
        shown = self._shown.get(entry_id)
        view = None if shown is None else shown.of(viewer)
        if view is None:
            raise UnknownEntry(field="entry_id")
        return view.body

    def search(self, question: Question, viewer: Viewer, *, skip: int, limit: int) -> Results:
        """A page of what a viewer finds; entries withdrawn or hidden since the index was last told are left out."""

        def view(number: int) -> Answer | None:
            shown = self._by_number.get(number)
            return None if shown is None else shown.of(viewer)

        def facets_of(number: int) -> Facets:
            seen = view(number)
            return () if seen is None else seen.facets

        found = self._index.search(question, viewer, skip=skip, limit=limit, facets_of=facets_of)
        views = map(view, found.numbers)
        return Results(
            entries=[seen.body for seen in views if seen is not None],
            total=found.total,
            counts=found.counts,
            approximate=found.approximate,
            ended=skip + limit >= found.total,
        )

    def all_read(self) -> None:
        """Notes that everything the database holds was taken in once."""
        self._read.set()

    async def ready(self, seconds: float) -> None:
        """Waits until everything was taken in once and can be found; raises DirectoryNotReady after so many seconds."""
        if self._ready:
            return
        try:
            async with asyncio.timeout(seconds):
                await self._read.wait()
                await self._caught_up()
        except TimeoutError as late:
            raise DirectoryNotReady from late
        self._ready = True

    async def caught_up(self, seconds: float = 1.0) -> None:
        """Waits until what was taken in so far can be found, but no longer than so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._caught_up()

    async def room(self) -> None:
        """Waits while more is to be indexed than should be kept waiting."""
        await self._room.wait()

    async def run(self) -> None:
        """Keeps the index in step, until cancelled."""
        while True:
            await self._changed.wait()
            await self._index_changes()
            await asyncio.sleep(_REST_SECONDS)

    async def _index_changes(self) -> None:
        """Hands changes to the index in a thread, and shows them; while very many come, all of them at the end.

        A directory that is shown at once is one segment, and not as many as it was shown in parts.
        """
        self._changed.clear()
        until, change = self._changes, Change(gone=self._going, come=list(self._coming.items()))
        more, self._going, self._coming = self._waiting >= _MOST_WAITING or not self._read.is_set(), [], {}
        self._room.set()
        await asyncio.to_thread(self._index.change, change)
        if more:
            self._changed.set()
            return
        await asyncio.to_thread(self._index.commit)
        self._indexed = until
        self._committed.set()
        self._committed = asyncio.Event()

    async def _caught_up(self) -> None:
        wanted = self._changes
        while self._indexed < wanted:
            await self._committed.wait()

    def _show(self, entry: Entry, views: Views) -> None:
        self._number += 1
        self._coming[self._number] = views
        public = self._answer(views.public)
        self._shown[entry.entry_id] = self._by_number[self._number] = Shown(
            version=entry.version,
            number=self._number,
            public=public,
            inside=public if views.inside == views.public else self._answer(views.inside),
            at={structure: Answer(self._render(view), facets(view)) for structure, view in views.at.items()},
        )

    def _answer(self, view: View | None) -> Answer | None:
        return None if view is None else Answer(self._render(view), facets(view))

    def _forget(self, entry_id: str) -> None:
        self._hidden.pop(entry_id, None)
        self._gone.pop(entry_id, None)
        shown = self._shown.pop(entry_id, None)
        if shown is not None:
            del self._by_number[shown.number]
            if self._coming.pop(shown.number, None) is None:
                self._going.append(shown.number)

    def _note_change(self) -> None:
        self._changes += 1
        self._changed.set()
        if self._waiting >= _MOST_WAITING:
            self._room.clear()

    @property
    def _waiting(self) -> int:
        return len(self._coming) + len(self._going)
