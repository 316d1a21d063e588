"""The words of the directory: kinds, fields, audiences, themes, stages. French is the source."""

from groupement.shared_identity.v1.directory_entry_pb2 import (
    ENTRY_KIND_ORGANISATION,
    ENTRY_KIND_PERSON,
    ENTRY_KIND_PLACE,
    ENTRY_KIND_PROJECT,
    EntryKind,
)

from portal.i18n import N_

KIND_PATHS: dict[EntryKind.ValueType, str] = {
    ENTRY_KIND_PERSON: "personnes",
    ENTRY_KIND_PROJECT: "projets",
    ENTRY_KIND_ORGANISATION: "organisations",
    ENTRY_KIND_PLACE: "lieux",
}
"""What a kind is called in addresses."""

KINDS: dict[EntryKind.ValueType, str] = {
    ENTRY_KIND_PERSON: N_("Personne"),
    ENTRY_KIND_PROJECT: N_("Projet"),
    ENTRY_KIND_ORGANISATION: N_("Organisation"),
    ENTRY_KIND_PLACE: N_("Lieu"),
}
MANY: dict[EntryKind.ValueType, str] = {
    ENTRY_KIND_PERSON: N_("Personnes"),
    ENTRY_KIND_PROJECT: N_("Projets"),
    ENTRY_KIND_ORGANISATION: N_("Organisations"),
    ENTRY_KIND_PLACE: N_("Lieux"),
}
FIELDS: dict[str, str] = {
    "name": N_("Nom"),
    "headline": N_("En une ligne"),
    "presentation": N_("Présentation"),
    "themes": N_("Thèmes"),
    "skills": N_("Ce que je sais faire"),
    "needs": N_("Ce que je cherche"),
    "stage": N_("Où en est le projet"),
    "structures": N_("Structures"),
    "website": N_("Site"),
    "email": N_("E-mail"),
    "phone": N_("Téléphone"),
    "address": N_("Adresse"),
    "access": N_("Comment venir"),
    "hours": N_("Horaires"),
    "source": N_("Source"),
}
PLURAL_FIELDS: dict[str, str] = {"skills": N_("Savoir-faire"), "needs": N_("Recherche")}
"""What a field is called where it is not a person who says "I"."""

HINTS: dict[str, str] = {
    "name": N_("Qui ne voit pas le nom ne voit pas la fiche : son audience décide de tout."),
    "headline": N_("Ce que vous feriez en une phrase, par exemple « Couture et retouches à la Belle de Mai »."),
    "skills": N_("Une chose par ligne."),
    "needs": N_("Une chose par ligne."),
    "structures": N_("Appartenir à une structure ne se voit que si vous le dites ici."),
    "website": N_("Une adresse complète, qui commence par https://."),
    "access": N_("Transports, étage, largeur des portes : qui vient en fauteuil le lit aussi."),
    "source": N_("D'où vient ce que dit la fiche, et de quand."),
}
THEMES: dict[str, str] = {
    "ENERGY": N_("Énergie"),
    "ENVIRONMENT": N_("Environnement"),
    "TOURISM": N_("Tourisme"),
    "FOOD": N_("Alimentation"),
    "ECO_HOUSING": N_("Éco-habitat"),
    "FAIR_TRADE": N_("Commerce équitable"),
    "SOCIAL_LINK": N_("Lien social"),
    "ENTREPRENEURSHIP": N_("Entrepreneuriat"),
    "HOUSING": N_("Se loger"),
    "EATING": N_("Se nourrir"),
    "CLOTHING": N_("Se vêtir"),
    "DIGITAL": N_("Numérique"),
    "CULTURE": N_("Culture"),
    "MOBILITY": N_("Mobilité"),
    "REUSE": N_("Réemploi"),
    "HEALTH": N_("Santé"),
    "EDUCATION": N_("Éducation"),
}
STAGES: dict[str, str] = {
    "IDEA": N_("Idée"),
    "STARTING": N_("Amorçage"),
    "TESTING": N_("Test d'activité"),
    "RUNNING": N_("En activité"),
}


def kind_from(path: str) -> EntryKind.ValueType | None:
    """A kind by its word in addresses; None for a word that names none."""
    return next((kind for kind, word in KIND_PATHS.items() if word == path), None)


def theme(code: str) -> str:
    """The French word of a theme, to be translated; its code when we do not know it."""
    return THEMES.get(code, code)


def stage(code: str) -> str:
    """The French word of a stage, to be translated; its code when we do not know it."""
    return STAGES.get(code, code)


def field(name: str, kind: EntryKind.ValueType) -> str:
    """The French word of a field, to be translated."""
    spoken = FIELDS if kind == ENTRY_KIND_PERSON else FIELDS | PLURAL_FIELDS
    return spoken.get(name, name)
