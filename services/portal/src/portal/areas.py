"""The areas of the portal: each package of pages brings its own addresses."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Protocol

from portal.pages import account, agreements, direction, directory, door, events, members, organising, staff
from portal.visit import Page


class Area(Protocol):
    """A package of pages."""

    @property
    def GET_PAGES(self) -> Mapping[str, Page]: ...
    @property
    def POST_PAGES(self) -> Mapping[str, Page]: ...


AREAS: Sequence[Area] = (events, organising, door, directory, members, staff, agreements, account, direction)
"""In the order in which addresses are tried; one line an area."""


def gets() -> Mapping[str, Page]:
    """What is read, by address."""
    return dict(chain.from_iterable(area.GET_PAGES.items() for area in AREAS))


def posts() -> Mapping[str, Page]:
    """What is sent, by address."""
    return dict(chain.from_iterable(area.POST_PAGES.items() for area in AREAS))
