"""The door of a joint event: who comes in, from a phone, with the network or without."""

from collections.abc import Mapping

from portal.pages.door import exchange, page, shell
from portal.visit import Page

GET_PAGES: Mapping[str, Page] = {
    "/porte/sw.js": shell.worker,
    "/porte/manifest.webmanifest": shell.manifest,
    "/porte/coquille": shell.contents,
    "/porte/js/{digest}/{name}": shell.module,
    "/porte/cle": exchange.keys,
    "/porte/{event}": page.show,
    "/porte/{event}/liste": exchange.door_list,
    "/porte/{event}/comptes": exchange.counts,
    "/porte/{event}/personnes/{registration}": page.show_person,
    "/porte/{event}/besoins/{registration}": exchange.needs,
}
POST_PAGES: Mapping[str, Page] = {
    "/porte/{event}/passages": exchange.scans,
    "/porte/{event}/entrees": page.check_in,
}
