"""My account: who I am here, how I sign in, who holds what about me."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus

from google.protobuf.field_mask_pb2 import FieldMask
from groupement.shared_identity.v1.membership_pb2 import Membership
from groupement.shared_identity.v1.membership_service_pb2 import ListMyMembershipsRequest
from groupement.shared_identity.v1.person_pb2 import Person
from groupement.shared_identity.v1.person_service_pb2 import GetMyselfRequest, UpdateMyselfRequest
from starlette.responses import Response

from portal.forms import Form
from portal.i18n import CODES
from portal.parts import Part, part
from portal.rendering import with_query
from portal.showcase import House
from portal.visit import Page, Visit

PATH = "/compte"
_CHANGED = ("given_name", "family_name", "locale")
_MOST = 50


@dataclass(frozen=True, kw_only=True)
class Held:
    """What one structure has to do with me: my roles there, what it declared me to be."""

    house: House
    roles: Part[frozenset[str]]
    memberships: Part[list[Membership]]

    @property
    def staff(self) -> list[str]:
        """The roles I work under there, in order."""
        return sorted(self.roles.found - {"MEMBER"})

    @property
    def silent(self) -> bool:
        """Whether somebody who would know did not answer."""
        return self.roles.refusal is not None or self.memberships.refusal is not None


async def show(visit: Visit) -> Response:
    """`GET /compte`"""
    visit.signed_in()
    person = await _myself(visit)
    return await _account_page(visit, person, Form(values=_values(person)), HTTPStatus.OK)


async def update(visit: Visit) -> Response:
    """`POST /compte`: the name and the language."""
    form = await visit.form()
    session = visit.signed_in()

    async def act() -> Response:
        person = await _change(visit, form)
        locale = person.locale if person.locale in CODES and person.locale != visit.language.code else ""
        response = visit.redirect(with_query(PATH, lang=locale), say=visit.language.say("C'est enregistré."))
        renamed = replace(session, name=person.given_name)
        visit.portal.cookies.keep_session(response, renamed, visit.now)
        return response

    async def again(shown: Form, status: int) -> Response:
        return await _account_page(visit, await _myself(visit), shown, status)

    return await visit.submit(form, act, again)


async def _change(visit: Visit, form: Form) -> Person:
    """Keep what was typed; raises refusals, STALE_ETAG when it changed meanwhile."""
    request = UpdateMyselfRequest(
        person=Person(
            given_name=form.value("given_name"),
            family_name=form.value("family_name"),
            locale=form.value("locale"),
            etag=form.value("etag"),
        ),
        update_mask=FieldMask(paths=_CHANGED),
        request_id=form.request_id,
    )
    stub = visit.backends.identity.persons
    return (await visit.ask(stub.UpdateMyself, request, structure=_any_structure(visit))).person


async def _account_page(visit: Visit, person: Person, form: Form, status: int) -> Response:
    if form.errors:
        form = replace(form, values=dict(form.values) | {"etag": person.etag})
    houses = (await visit.showcase.houses()).values()
    return await visit.page(
        "account/show.html",
        status=status,
        form=form,
        person=person,
        held=await asyncio.gather(*(_held(visit, house) for house in houses)),
    )


async def _myself(visit: Visit) -> Person:
    stub = visit.backends.identity.persons
    return (await visit.ask(stub.GetMyself, GetMyselfRequest(), structure=_any_structure(visit))).person


async def _held(visit: Visit, house: House) -> Held:
    roles, memberships = await asyncio.gather(
        part(visit.roles(house.slug), empty=frozenset[str]()), part(_memberships(visit, house), empty=[])
    )
    return Held(house=house, roles=roles, memberships=memberships)


async def _memberships(visit: Visit, house: House) -> list[Membership]:
    stub = visit.backends.identity.memberships
    wish = ListMyMembershipsRequest(page_size=_MOST)
    return list((await visit.ask(stub.ListMyMemberships, wish, structure=house.slug)).memberships)


def _any_structure(visit: Visit) -> str:
    """One's identity is the groupement's: a token for any structure tells who one is."""
    return visit.portal.settings.structures[0]


def _values(person: Person) -> dict[str, str]:
    return {name: str(getattr(person, name)) for name in (*_CHANGED, "etag")}


GET_PAGES: Mapping[str, Page] = {PATH: show}
POST_PAGES: Mapping[str, Page] = {PATH: update}
