"""Writing entries: one's own and one's projects', a structure's and its places'."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from groupement.shared_identity.v1.directory_entry_pb2 import (
    ENTRY_KIND_PERSON,
    DirectoryEntry,
    EntryField,
    EntryKind,
)
from groupement.shared_identity.v1.directory_service_pb2 import SaveEntryRequest, WithdrawEntryRequest
from servicekit.refusals import NotFound, Refusal, Stale
from starlette.responses import Response

from portal.forms import Form, belongs_in_form
from portal.pages.directory import audiences, labels
from portal.pages.directory.desk import Desk, desk_of
from portal.pages.directory.preview import preview
from portal.pages.directory.shown import shown
from portal.pages.directory.writing import Writing
from portal.refusals import form_status
from portal.visit import Visit


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """The form of one entry on the screen; `entry_id` is empty for a new one."""

    desk: Desk
    writing: Writing
    form: Form
    entry_id: str = ""
    theirs: DirectoryEntry | None = None
    status: int = HTTPStatus.OK

    @property
    def path(self) -> str:
        """Where the form goes."""
        return f"{self.desk.path}/{self.entry_id or 'nouvelle'}"


async def show(visit: Visit) -> Response:
    """`GET /mon-annuaire` and `GET /equipe/{structure}/annuaire`"""
    desk = await desk_of(visit)
    entries = await desk.entries()
    houses = await visit.showcase.houses()
    return await visit.page(
        "directory/mine.html",
        house=desk.house,
        desk=desk,
        entries=[(shown(entry, houses, visit.language), _publicity(desk, entry)) for entry in entries],
        has_own=any(entry.kind == ENTRY_KIND_PERSON for entry in entries),
    )


async def show_new(visit: Visit) -> Response:
    """`GET .../nouvelle?sorte=`"""
    desk = await desk_of(visit)
    writing = await desk.writing(_kind(desk, visit.query("sorte")))
    form = writing.blank()
    if writing.kind == ENTRY_KIND_PERSON and visit.session is not None:
        form = replace(form, values=dict(form.values) | {"name": visit.session.name})
    return await _sheet_page(Sheet(desk=desk, writing=writing, form=form))


async def show_entry(visit: Visit) -> Response:
    """`GET .../{entry}?voir=`"""
    desk = await desk_of(visit)
    entry = await desk.entry()
    writing = await desk.writing(entry.kind)
    sheet = Sheet(desk=desk, writing=writing, form=writing.filled(entry), entry_id=entry.entry_id)
    return await _sheet_page(sheet, viewer=visit.query("voir") or "public")


async def create(visit: Visit) -> Response:
    """`POST .../nouvelle`"""
    form = await visit.form()
    desk = await desk_of(visit)
    writing = await desk.writing(_kind(desk, form.value("sorte")))
    return await _save(Sheet(desk=desk, writing=writing, form=writing.sent(form)))


async def save(visit: Visit) -> Response:
    """`POST .../{entry}`: saves it; or, with `voir`, only shows what somebody would see."""
    form = await visit.form()
    desk = await desk_of(visit)
    kind = _kind(desk, form.value("sorte"))
    writing = await desk.writing(kind)
    return await _save(Sheet(desk=desk, writing=writing, form=writing.sent(form), entry_id=visit.path("entry")))


async def withdraw(visit: Visit) -> Response:
    """`POST .../{entry}/retirer`: takes it out at once; the page that says so can put it back."""
    form = await visit.form()
    desk = await desk_of(visit)
    try:
        entry = await desk.entry()
    except NotFound:
        return visit.redirect(desk.path, say=visit.language.say("Cette fiche n'est plus dans l'annuaire."))
    stub = visit.backends.identity.directory
    request = WithdrawEntryRequest(entry_id=entry.entry_id, request_id=form.request_id)
    await visit.ask(stub.WithdrawEntry, request, structure=desk.structure)
    writing = await desk.writing(entry.kind)
    return await visit.page(
        "directory/withdrawn.html",
        house=desk.house,
        desk=desk,
        form=Form(values=dict(writing.filled(entry).values) | {"sorte": labels.KIND_PATHS[entry.kind], "etag": ""}),
        entry=shown(entry, await visit.showcase.houses(), visit.language),
    )


async def _save(sheet: Sheet) -> Response:
    visit, form = sheet.desk.visit, sheet.form
    stub = visit.backends.identity.directory
    if form.value("voir"):
        return await _sheet_page(sheet, viewer=form.value("voir"))

    request = SaveEntryRequest(
        entry_id=sheet.entry_id,
        kind=sheet.writing.kind,
        fields=sheet.writing.said(form),
        etag=form.value("etag"),
        request_id=form.request_id,
    )
    try:
        saved = await visit.ask(stub.SaveEntry, request, structure=sheet.desk.structure)
    except Stale as refusal:
        return await _changed_meanwhile(sheet, refusal)
    except Refusal as refusal:
        if not belongs_in_form(refusal):
            raise
        again = form.refused(refusal, visit.language, _places(refusal))
        return await _sheet_page(replace(sheet, form=again, status=form_status(refusal)))
    say = visit.language.say("C'est enregistré. Voici ce que chacun voit maintenant.")
    return visit.redirect(f"{sheet.desk.path}/{saved.entry.entry_id}", say=say)


def _places(refusal: Refusal) -> dict[str, str]:
    """Where on the form a refusal belongs: the directory says which of the fields it is about."""
    name = refusal.metadata.get("name", "")
    return {"values": name, "audience": f"audience_{name}"}


async def _changed_meanwhile(sheet: Sheet, refusal: Stale) -> Response:
    """The form with what was typed, and beside it what was saved meanwhile; sending it again keeps what was typed."""
    theirs = await sheet.desk.entry()
    form = sheet.form.refused(refusal, sheet.desk.visit.language)
    form = replace(form, values=dict(form.values) | {"etag": theirs.etag})
    return await _sheet_page(replace(sheet, form=form, theirs=theirs, status=HTTPStatus.CONFLICT))


async def _sheet_page(sheet: Sheet, *, viewer: str = "") -> Response:
    """The form, and what the viewer would see of what it says."""
    desk, visit, writing = sheet.desk, sheet.desk.visit, sheet.writing
    seen = await preview(visit, writing.kind, writing.said(sheet.form), viewer, desk.mine, desk.structure)
    return await visit.page(
        "directory/edit.html",
        status=sheet.status,
        house=desk.house,
        desk=desk,
        sheet=sheet,
        form=sheet.form,
        lines=writing.lines(sheet.form, sheet.theirs),
        kind=visit.language.say(labels.KINDS[writing.kind]),
        kind_path=labels.KIND_PATHS[writing.kind],
        preview=seen,
    )


def _kind(desk: Desk, word: str) -> EntryKind.ValueType:
    """The kind named, if it is written at this desk; the desk's first otherwise."""
    kind = labels.kind_from(word)
    return kind if kind in desk.kinds and kind is not None else desk.kinds[0]


def _publicity(desk: Desk, entry: DirectoryEntry) -> str:
    """Who sees the entry at all: whoever sees its name."""
    name = next((field for field in entry.fields if field.name == "name"), EntryField())
    chosen = audiences.code(name)
    return dict(audiences.choices(desk.visit.language, desk.mine, chosen)).get(chosen, "")
