"""What entries can say: the fields of each kind, the themes, the stages of a project. Closed lists."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class EntryKind(StrEnum):
    """What an entry is about."""

    PERSON = "PERSON"
    PROJECT = "PROJECT"
    ORGANISATION = "ORGANISATION"
    PLACE = "PLACE"

    @property
    def of_a_person(self) -> bool:
        """Whether a person holds it; otherwise a structure does."""
        return self in (EntryKind.PERSON, EntryKind.PROJECT)


class Audience(StrEnum):
    """Who sees a field; each includes those before it."""

    ME = "ME"
    STRUCTURES = "STRUCTURES"
    GROUPEMENT = "GROUPEMENT"
    PUBLIC = "PUBLIC"


NAME = "name"
THEMES = "themes"
STAGE = "stage"
STRUCTURES = "structures"
WEBSITE = "website"
EMAIL = "email"
PHONE = "phone"


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldForm:
    """How a field is filled in, and the audience to propose for it."""

    name: str
    most_values: int = 1
    most_characters: int = 120
    several_lines: bool = False
    audience: Audience = Audience.GROUPEMENT


_NAME = FieldForm(name=NAME)
_HEADLINE = FieldForm(name="headline", most_characters=160)
_PRESENTATION = FieldForm(name="presentation", most_characters=4000, several_lines=True)
_THEMES = FieldForm(name=THEMES, most_values=8, most_characters=40)
_SKILLS = FieldForm(name="skills", most_values=12, most_characters=80)
_NEEDS = FieldForm(name="needs", most_values=12, most_characters=80)
_STAGE = FieldForm(name=STAGE, most_characters=40)
_STRUCTURES = FieldForm(name=STRUCTURES, most_values=20, most_characters=63, audience=Audience.STRUCTURES)
_WEBSITE = FieldForm(name=WEBSITE, most_characters=300)
_EMAIL = FieldForm(name=EMAIL, most_characters=254, audience=Audience.ME)
_PHONE = FieldForm(name=PHONE, most_characters=30, audience=Audience.ME)
_ADDRESS = FieldForm(name="address", most_characters=300, several_lines=True)
_ACCESS = FieldForm(name="access", most_characters=1000, several_lines=True)
_HOURS = FieldForm(name="hours", most_characters=300, several_lines=True)
_SOURCE = FieldForm(name="source", most_characters=200)

FORMS: Mapping[EntryKind, Mapping[str, FieldForm]] = {
    kind: {form.name: form for form in forms}
    for kind, forms in {
        EntryKind.PERSON: (
            *(_NAME, _HEADLINE, _PRESENTATION, _THEMES, _SKILLS, _NEEDS),
            *(_STRUCTURES, _WEBSITE, _EMAIL, _PHONE),
        ),
        EntryKind.PROJECT: (
            *(_NAME, _HEADLINE, _PRESENTATION, _THEMES, _NEEDS, _STAGE),
            *(_STRUCTURES, _WEBSITE, _EMAIL, _PHONE),
        ),
        EntryKind.ORGANISATION: (
            *(_NAME, _HEADLINE, _PRESENTATION, _THEMES, _SKILLS, _NEEDS),
            *(_WEBSITE, _EMAIL, _PHONE, _ADDRESS, _SOURCE),
        ),
        EntryKind.PLACE: (
            *(_NAME, _HEADLINE, _PRESENTATION, _THEMES),
            *(_WEBSITE, _EMAIL, _PHONE, _ADDRESS, _ACCESS, _HOURS, _SOURCE),
        ),
    }.items()
}
"""The fields of each kind, in the order they are shown."""

THEME_WORDS: Mapping[str, str] = {
    "ENERGY": "énergie",
    "ENVIRONMENT": "environnement écologie",
    "TOURISM": "tourisme",
    "FOOD": "alimentation",
    "ECO_HOUSING": "éco-habitat",
    "FAIR_TRADE": "commerce équitable",
    "SOCIAL_LINK": "lien social",
    "ENTREPRENEURSHIP": "entrepreneuriat",
    "HOUSING": "se loger logement",
    "EATING": "se nourrir",
    "CLOTHING": "se vêtir vêtement",
    "DIGITAL": "numérique",
    "CULTURE": "culture",
    "MOBILITY": "mobilité",
    "REUSE": "réemploi",
    "HEALTH": "santé",
    "EDUCATION": "éducation",
}
"""The themes, and the French words by which each is found."""

STAGE_WORDS: Mapping[str, str] = {
    "IDEA": "idée",
    "STARTING": "amorçage",
    "TESTING": "test couveuse",
    "RUNNING": "en activité",
}
"""The stages of a project, from the first to the last, and the words by which each is found."""
