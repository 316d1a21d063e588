"""What every page is held to, in one line: `await faultless(page, "tickets")`.

axe-core finds nothing at WCAG 2.2 AA and RGAA 4, in light and in dark; nothing scrolls sideways at 320 px; the browser
complains of nothing. `watch(page)` first, to hear complaints from the beginning.
"""

import json
from functools import cache
from pathlib import Path
from weakref import WeakKeyDictionary

from playwright.async_api import ConsoleMessage, Page

_AXE = Path(__file__).parent / "vendor" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "RGAAv4"]
_RUN = """(tags) => axe.run(document, {
  runOnly: { type: 'tag', values: tags }, rules: { 'target-size': { enabled: true } }, resultTypes: ['violations'],
}).then(found => found.violations.map(v => v.id + ': ' + v.help + ' · ' + v.nodes.slice(0, 3)
  .map(n => n.target.join(' ') + ' ' + (n.any[0]?.message ?? '')).join(' | ')))"""
_WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
_WIDEST = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.getBoundingClientRect().right > document.documentElement.clientWidth + 1 && e.checkVisibility())
  .filter(e => !e.closest('.table, .day-grid, .board, .comb, .hidden-visually'))
  .slice(0, 3).map(e => e.outerHTML.slice(0, 100))"""
_REFUSED = "Failed to load resource: the server responded with a status of 4"
"""What a browser says of a form refused with 422, or of a page that is not there: it is the answer, not a fault."""

NARROW = 320
_complaints: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()


def watch(page: Page) -> list[str]:
    """What the browser complains of on this page from now on: errors of scripts, things blocked."""
    if page in _complaints:
        return _complaints[page]
    heard = _complaints[page] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type in ("error", "warning") and not said.text.startswith(_REFUSED):
            heard.append(said.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


async def faultless(page: Page, name: str) -> None:
    """Hold the page as it stands to all of it; leaves it as wide as it was, in light."""
    heard = watch(page)
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found = await faults(page)
        assert found == [], f"{name}, {scheme}: {found}"
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    wide = page.viewport_size
    await page.set_viewport_size({"width": NARROW, "height": 800})
    await reflows(page, name)
    found = await faults(page)
    assert found == [], f"{name}, narrow: {found}"
    if wide is not None:
        await page.set_viewport_size(wide)
    assert heard == [], f"{name}: the browser complains: {heard}"


async def faults(page: Page) -> list[str]:
    """What axe-core finds; its script runs beside the page's own, which forbids any other."""
    if not await page.evaluate("() => 'axe' in window"):
        await page.evaluate(_axe())
    return list(await page.evaluate(_RUN, _TAGS))


async def reflows(page: Page, name: str) -> None:
    """Nothing scrolls sideways at the width the window has (WCAG 2.2, 1.4.10)."""
    over = await page.evaluate(_WIDER)
    assert over <= 0, f"{name} is {over} px wider than its window: {json.dumps(await page.evaluate(_WIDEST))}"


@cache
def _axe() -> str:
    return _AXE.read_text()
