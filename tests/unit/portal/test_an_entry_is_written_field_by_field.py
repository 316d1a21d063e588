"""An entry becomes a form and comes back the same, with every audience as it was chosen."""

import pytest
from groupement.shared_identity.v1.directory_entry_pb2 import (
    ENTRY_KIND_ORGANISATION,
    ENTRY_KIND_PERSON,
    FIELD_AUDIENCE_GROUPEMENT,
    FIELD_AUDIENCE_ME,
    FIELD_AUDIENCE_PUBLIC,
    FIELD_AUDIENCE_STRUCTURES,
    FIELD_AUDIENCE_UNSPECIFIED,
    DirectoryEntry,
    EntryField,
)
from groupement.shared_identity.v1.directory_service_pb2 import EntryForm, FieldForm, GetVocabularyResponse
from portal.forms import Form
from portal.i18n import language
from portal.pages.directory import audiences
from portal.pages.directory.shown import shown
from portal.pages.directory.writing import Writing, writing
from portal.showcase import House

NORTH, SOUTH, WEST = (House(slug=slug, name=name) for slug, name in (("nord", "Nord"), ("sud", "Sud"), ("ouest", "O.")))
FRENCH = language("fr")
VOCABULARY = GetVocabularyResponse(
    forms=[
        EntryForm(
            kind=ENTRY_KIND_PERSON,
            fields=[
                FieldForm(name="name", most_values=1, most_characters=120, audience=FIELD_AUDIENCE_GROUPEMENT),
                FieldForm(name="presentation", most_values=1, most_characters=4000, several_lines=True),
                FieldForm(name="themes", most_values=6, most_characters=40, audience=FIELD_AUDIENCE_GROUPEMENT),
                FieldForm(name="skills", most_values=12, most_characters=80, audience=FIELD_AUDIENCE_GROUPEMENT),
                FieldForm(name="structures", most_values=20, most_characters=63, audience=FIELD_AUDIENCE_STRUCTURES),
                FieldForm(name="email", most_values=1, most_characters=254, audience=FIELD_AUDIENCE_ME),
            ],
        )
    ],
    themes=["FOOD", "REUSE"],
    stages=["IDEA"],
)
ENTRY = DirectoryEntry(
    entry_id="entry_1",
    kind=ENTRY_KIND_PERSON,
    etag="3",
    fields=[
        EntryField(name="name", values=["Camille"], audience=FIELD_AUDIENCE_PUBLIC),
        EntryField(name="presentation", values=["Un.\n\nDeux."], audience=FIELD_AUDIENCE_GROUPEMENT),
        EntryField(name="themes", values=["FOOD"], audience=FIELD_AUDIENCE_PUBLIC),
        EntryField(name="skills", values=["Coudre", "Cuisiner"], audience=FIELD_AUDIENCE_STRUCTURES),
        EntryField(
            name="structures", values=["nord"], audience=FIELD_AUDIENCE_STRUCTURES, structures=["nord", "ouest"]
        ),
        EntryField(name="email", values=["c@demo.example"], audience=FIELD_AUDIENCE_ME),
    ],
)


@pytest.fixture
def paper() -> Writing:
    """The form of a person who belongs to three structures."""
    return writing(VOCABULARY, ENTRY_KIND_PERSON, [NORTH, SOUTH, WEST], FRENCH)


def test_what_was_read_is_what_is_sent_back(paper: Writing) -> None:
    assert paper.said(paper.filled(ENTRY)) == list(ENTRY.fields)


def test_lines_typed_by_a_browser_are_the_lines_kept(paper: Writing) -> None:
    form = paper.sent(
        Form(values={"name": "A", "skills": "  Coudre \r\n\r\nCuisiner", "presentation": "Un.\r\n\r\nDeux."})
    )
    said = {field.name: list(field.values) for field in paper.said(form)}
    assert said == {"name": ["A"], "skills": ["Coudre", "Cuisiner"], "presentation": ["Un.\n\nDeux."]}


def test_an_empty_name_is_sent_to_be_refused_and_other_empty_fields_are_not_sent(paper: Writing) -> None:
    assert [field.name for field in paper.said(paper.sent(Form(values={"name": ""})))] == ["name"]


def test_a_new_entry_proposes_the_audiences_of_the_vocabulary(paper: Writing) -> None:
    blank = paper.blank()
    assert blank.value("audience_name") == "GROUPEMENT"
    assert blank.value("audience_structures") == "STRUCTURES"
    assert blank.value("audience_email") == "ME"


def test_structures_chosen_elsewhere_stay_chosen(paper: Writing) -> None:
    line = next(line for line in paper.lines(paper.filled(ENTRY)) if line.name == "structures")
    assert dict(line.audiences)["STRUCTURES:nord+ouest"].endswith(": Nord, O.")


def test_what_somebody_else_saved_shows_beside_what_was_typed(paper: Writing) -> None:
    theirs = DirectoryEntry()
    theirs.CopyFrom(ENTRY)
    theirs.fields[0].values[:] = ["Camille F."]
    theirs.fields[3].audience = FIELD_AUDIENCE_ME
    shown_beside = {line.name: line.theirs for line in paper.lines(paper.filled(ENTRY), theirs) if line.theirs}
    assert shown_beside == {"name": "Camille F. (tout le monde)", "skills": "Coudre\nCuisiner (moi seulement)"}


def test_nothing_stands_beside_when_nothing_changed(paper: Writing) -> None:
    assert not any(line.theirs for line in paper.lines(paper.filled(ENTRY)))


@pytest.mark.parametrize("typed", ["", "EVERYBODY", "public", "UNSPECIFIED", ":nord", "ME "])
def test_an_audience_that_is_none_is_never_taken_for_a_wider_one(typed: str) -> None:
    assert audiences.audience_from(typed).audience == FIELD_AUDIENCE_UNSPECIFIED


def test_somebody_of_one_structure_is_not_asked_which() -> None:
    values = [value for value, _ in audiences.choices(FRENCH, [NORTH], "")]
    assert values == ["ME", "STRUCTURES", "GROUPEMENT", "PUBLIC"]


def test_somebody_of_no_structure_cannot_choose_their_structures() -> None:
    assert [value for value, _ in audiences.choices(FRENCH, [], "")] == ["ME", "GROUPEMENT", "PUBLIC"]


def test_a_site_that_is_no_web_address_is_not_a_link() -> None:
    fields = [EntryField(name="name", values=["A"]), EntryField(name="website", values=["javascript:alert(1)"])]
    assert shown(DirectoryEntry(fields=fields), {}, FRENCH).website == ""


def test_an_entry_wears_the_colours_of_the_one_structure_it_shows() -> None:
    houses = {"nord": NORTH, "sud": SOUTH}
    one = DirectoryEntry(fields=[EntryField(name="name", values=["A"]), EntryField(name="structures", values=["sud"])])
    both = DirectoryEntry(fields=[EntryField(name="structures", values=["nord", "sud"])])
    held = DirectoryEntry(kind=ENTRY_KIND_ORGANISATION, structure="nord")
    assert shown(one, houses, FRENCH).house == SOUTH
    assert shown(both, houses, FRENCH).house is None
    assert shown(held, houses, FRENCH).house == NORTH


@pytest.mark.parametrize(
    ("name", "initials"), [("Camille Fictive", "CF"), ("L'atelier", "L"), ("Jo", "J"), ("« Le fil »", "LF"), ("", "")]
)
def test_an_entry_has_the_initials_of_its_name(name: str, initials: str) -> None:
    assert shown(DirectoryEntry(fields=[EntryField(name="name", values=[name])]), {}, FRENCH).initials == initials
