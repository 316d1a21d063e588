"""Every component on one page, with invented words: what to take from, and where a change is seen first."""

from datetime import date, timedelta

from starlette.responses import Response

from portal.forms import FieldError, Form
from portal.theme import tokens
from portal.visit import Visit

_INKS = ("ink", "muted", "ok", "warn", "refusal", "info", "focus")
_GROUNDS = ("paper", "surface", "sunk", "line", "control")
_TABS = ("", "attente", "annulees")


async def show(visit: Visit) -> Response:
    """`GET /styleguide`: needs no service. `etat` and `recu` show what a region and a refused form do."""
    return await _page(visit, Form(values={"prenom": "", "mot": "", "theme": "", "acces": ""}), 200)


async def send(visit: Visit) -> Response:
    """`POST /styleguide`: refuses an empty first name, as any form does; keeps nothing."""
    form = await visit.form()
    say = visit.language.say
    if not form.value("prenom") or form.value("prenom") == "?":
        return await _page(visit, form.wrong("prenom", say("Écrivez votre prénom.")), 422)
    return visit.redirect("/styleguide", say=say("C'est envoyé : rien n'est gardé, ceci est un exemple."))


async def _page(visit: Visit, form: Form, status: int) -> Response:
    today = visit.today()
    return await visit.page(
        "styleguide.html",
        status=status,
        form=form,
        wrong=Form(
            values={"courriel": "lise@"},
            errors=(FieldError(field="courriel", sentence=visit.language.say("Vérifiez cette adresse e-mail.")),),
        ),
        hues=list(tokens(0)),
        inks=_INKS,
        grounds=_GROUNDS,
        tab=visit.query("etat") if visit.query("etat") in _TABS else "",
        today=today,
        months=_months(today),
    )


def _months(today: date) -> list[date]:
    """The first days of the last six months."""
    first = today.replace(day=1)
    found = [first]
    for _ in range(5):
        found.append((found[-1] - timedelta(days=1)).replace(day=1))
    return found[::-1]
