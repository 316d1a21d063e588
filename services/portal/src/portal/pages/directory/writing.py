"""An entry as a form, and a form as an entry."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from groupement.shared_identity.v1.directory_entry_pb2 import DirectoryEntry, EntryField, EntryKind
from groupement.shared_identity.v1.directory_service_pb2 import EntryForm, FieldForm, GetVocabularyResponse

from portal.forms import Form
from portal.i18n import Language
from portal.pages.directory import audiences, labels
from portal.showcase import House

YES = "oui"
_TICKED = {"themes": "theme", "structures": "structure"}
_CONTROLS = {
    "email": "email",
    "phone": "tel",
    "website": "url",
    "themes": "themes",
    "structures": "structures",
    "stage": "stage",
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One field of the form: its words, how it is filled in, who may see it, what somebody else saved meanwhile."""

    name: str
    label: str
    hint: str
    control: str
    most: int
    audiences: Sequence[tuple[str, str]]
    boxes: Sequence[tuple[str, str]] = ()
    theirs: str = ""


@dataclass(frozen=True, kw_only=True)
class Writing:
    """What a kind of entry can say, by somebody who belongs to some structures, in their language."""

    kind: EntryKind.ValueType
    fields: Sequence[FieldForm]
    themes: Sequence[str]
    stages: Sequence[str]
    mine: Sequence[House]
    language: Language

    def blank(self) -> Form:
        """An empty form, with the audiences to propose."""
        proposed = (EntryField(name=field.name, audience=field.audience) for field in self.fields)
        return self.filled(DirectoryEntry(kind=self.kind, fields=proposed))

    def filled(self, entry: DirectoryEntry) -> Form:
        """The form that says what an entry says."""
        held = {field.name: field for field in entry.fields}
        values: dict[str, str] = {"etag": entry.etag}
        for form in self.fields:
            field = held.get(form.name, EntryField(audience=form.audience))
            values |= _typed(form.name, field.values)
            values[f"audience_{form.name}"] = audiences.code(field)
        return Form(values=values)

    def sent(self, form: Form) -> Form:
        """The form as it was sent, with every field of the kind in it, so that errors find their place."""
        wanted = {field.name: "" for field in self.fields} | {f"audience_{field.name}": "" for field in self.fields}
        return replace(form, values=wanted | dict(form.values))

    def said(self, form: Form) -> list[EntryField]:
        """What the form says, to whom; fields that say nothing are left out, except the name."""
        written = [self._field(form, field) for field in self.fields]
        return [field for field in written if field.values or field.name == "name"]

    def lines(self, form: Form, theirs: DirectoryEntry | None = None) -> list[Line]:
        """The fields to draw; `theirs` is what was saved meanwhile, when that is something else."""
        other = self.filled(theirs).values if theirs else {}
        return [self._line(form, field, other) for field in self.fields]

    def _line(self, form: Form, field: FieldForm, other: Mapping[str, str]) -> Line:
        name, chosen = field.name, form.value(f"audience_{field.name}")
        say = self.language.say
        said, saved = self._words(name, form.values), self._words(name, other) if other else ""
        return Line(
            name=name,
            label=say(labels.field(name, self.kind)),
            hint=say(labels.HINTS[name]) if name in labels.HINTS else "",
            control=_control(field),
            most=field.most_characters * field.most_values if field.most_values > 1 else field.most_characters,
            audiences=audiences.choices(self.language, self.mine, chosen),
            boxes=self._boxes(name),
            theirs=saved if saved != said else "",
        )

    def _boxes(self, name: str) -> list[tuple[str, str]]:
        if name == "themes":
            return [(f"theme_{code}", self.language.say(labels.theme(code))) for code in self.themes]
        if name == "structures":
            return [(f"structure_{house.slug}", house.name) for house in self.mine]
        if name == "stage":
            return [(code, self.language.say(labels.stage(code))) for code in self.stages]
        return []

    def _words(self, name: str, values: Mapping[str, str]) -> str:
        """What a field of a form says, and to whom, in one line."""
        if name in _TICKED:
            said = ", ".join(text for box, text in self._boxes(name) if values.get(box) == YES)
        else:
            said = values.get(name, "").replace("\r\n", "\n")
        chosen = values.get(f"audience_{name}", "")
        seen = dict(audiences.choices(self.language, self.mine, chosen)).get(chosen, "")
        return f"{said} ({seen})" if said else ""

    def _field(self, form: Form, field: FieldForm) -> EntryField:
        chosen = audiences.audience_from(form.value(f"audience_{field.name}"))
        return EntryField(
            name=field.name,
            values=_values(form, field),
            audience=chosen.audience,
            structures=chosen.structures,
        )


def writing(
    vocabulary: GetVocabularyResponse, kind: EntryKind.ValueType, mine: Sequence[House], language: Language
) -> Writing:
    """How a kind of entry is written."""
    form = next((form for form in vocabulary.forms if form.kind == kind), EntryForm())
    return Writing(
        kind=kind,
        fields=tuple(form.fields),
        themes=tuple(vocabulary.themes),
        stages=tuple(vocabulary.stages),
        mine=tuple(mine),
        language=language,
    )


def _typed(name: str, values: Iterable[str]) -> dict[str, str]:
    """A field as the form holds it: a box for each choice, a line for each value."""
    if name in _TICKED:
        return {name: ""} | {f"{_TICKED[name]}_{value}": YES for value in values}
    return {name: "\n".join(values)}


def _values(form: Form, field: FieldForm) -> list[str]:
    prefix = _TICKED.get(field.name)
    if prefix:
        boxes = (name for name, value in form.values.items() if name.startswith(f"{prefix}_") and value == YES)
        return [box.removeprefix(f"{prefix}_") for box in boxes]
    text = form.value(field.name)
    if field.most_values > 1:
        return [line.strip() for line in text.splitlines() if line.strip()]
    return [text.replace("\r\n", "\n")] if text else []


def _control(field: FieldForm) -> str:
    if field.name in _CONTROLS:
        return _CONTROLS[field.name]
    if field.most_values > 1:
        return "lines"
    return "text" if field.several_lines else "line"
