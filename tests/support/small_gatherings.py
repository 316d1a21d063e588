"""Small joint events for tests, as their operator would install them: a few seats, so that they fill."""

from uuid import uuid4

_EVENT = """
[[events]]
event_id = "event_{stem}1"
slug = "{slug}"
title = "{title}"
summary = "Un événement inventé pour une vérification."
description = "Une seule soirée."
day = "today+9"
start = "18:00"
end = "22:00"
seats = {seats}
published = true

[events.venue]
name = "Salle inventée"
address = "1 rue Inventée, 13000 Marseille"
directions = "À pied."
accessibility = "De plain-pied."

[[events.organisers]]
organiser_id = "organiser_{stem}1"
structure = "inter-made"
role = "LEAD"
shown = true
access = "MANAGE"

[[events.organisers]]
organiser_id = "organiser_{stem}2"
structure = "la-ruche"
role = "CO_ORGANISER"
shown = true
access = "OWN_REGISTRANTS"

[events.arrangement]
approved = true
outline = "Les deux structures répondent ensemble de votre inscription."
contact = "donnees@demo.example"
retention_days = 30

[[events.arrangement.duties]]
title = "Informer"
organiser_id = "organiser_{stem}1"
terms = "Sur la page d'inscription."
"""
_WORKSHOPS = """
[[events.challenges]]
challenge_id = "challenge_{stem}1"
title = "Se nourrir"
description = "Comment bien manger ?"
position = 0

[[events.sessions]]
session_id = "session_{stem}1"
title = "Atelier des semis"
description = "Les mains dans la terre."
format = "WORKSHOP"
challenge_id = "challenge_{stem}1"
start = "19:00"
end = "20:00"
chosen = true
seats = {workshop_seats}

[[events.sessions]]
session_id = "session_{stem}2"
title = "Atelier des tissus"
description = "Du fil et des aiguilles."
format = "WORKSHOP"
start = "19:00"
end = "20:00"
chosen = true
seats = 50

[[events.questions]]
question_id = "question_{stem}1"
label = "Comment venez-vous ?"
kind = "CHOICE"
choices = ["À pied", "En bus, puis à pied"]
required = true
position = 0

[[events.questions]]
question_id = "question_{stem}2"
label = "Avez-vous des outils ?"
kind = "YES_NO"
required = true
session_id = "session_{stem}1"
position = 1
"""


def gathering(slug: str, *, seats: int, workshop_seats: int = 0) -> str:
    """A published event as TOML; with two workshops at the same time and questions when `workshop_seats` says so."""
    stem = uuid4().hex[:31]
    title = f"Soirée {slug}"
    written = _EVENT.format(stem=stem, slug=slug, title=title, seats=seats)
    return written + (_WORKSHOPS.format(stem=stem, workshop_seats=workshop_seats) if workshop_seats else "")
