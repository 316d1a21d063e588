"""Joint events, for the public and for members: their pages, registering, tickets."""

from collections.abc import Mapping

from portal.visit import Page

GET_PAGES: Mapping[str, Page] = {}
POST_PAGES: Mapping[str, Page] = {}
