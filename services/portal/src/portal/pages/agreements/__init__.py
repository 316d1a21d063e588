"""Agreements between a structure and the others: reading, proposing, signing, ending."""

from collections.abc import Mapping

from portal.pages.agreements import ending, listing, proposing
from portal.visit import Page

GET_PAGES: Mapping[str, Page] = {
    "/equipe/{structure}/conventions": listing.show,
    "/equipe/{structure}/conventions/proposer": proposing.show,
    "/equipe/{structure}/conventions/{agreement}/terminer": ending.show,
}
POST_PAGES: Mapping[str, Page] = {
    "/equipe/{structure}/conventions/proposer": proposing.propose,
    "/equipe/{structure}/conventions/{agreement}/signer": listing.sign,
    "/equipe/{structure}/conventions/{agreement}/terminer": ending.end,
}
