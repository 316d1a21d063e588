"""A ticket's QR code held before a phone's camera lets its holder in: a real browser, a camera that plays a film."""

import shutil
from pathlib import Path

import pytest
import segno
from journey import Journey
from organising import EVE_SLUG, hold_door, prepare_eve, register, sign_in
from playwright.async_api import async_playwright, expect

pytestmark = pytest.mark.asyncio(loop_scope="session")

WIDTH, HEIGHT, MODULE, FRAMES = 640, 480, 8, 30
WHITE, BLACK, GREY = 235, 16, 128


def film(content: str, path: Path) -> Path:
    """A film of a QR code, as YUV4MPEG2 (4:2:0)."""
    rows = [list(row) for row in segno.make(content, error="m", micro=False).matrix]
    size = len(rows) * MODULE
    left, top = (WIDTH - size) // 2, (HEIGHT - size) // 2
    bright = bytearray([WHITE]) * (WIDTH * HEIGHT)
    for y in range(size):
        line = b"".join(bytes([BLACK if dark else WHITE]) * MODULE for dark in rows[y // MODULE])
        start = (top + y) * WIDTH + left
        bright[start : start + size] = line
    frame = b"FRAME\n" + bytes(bright) + bytes([GREY]) * (WIDTH * HEIGHT // 2)
    path.write_bytes(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * FRAMES)
    return path


async def test_a_ticket_held_before_the_camera_is_scanned_once(house: Journey, tmp_path: Path) -> None:
    await prepare_eve(house)
    sacha = await register(house, "Sacha", "Filmee", slug=EVE_SLUG)
    flags = [
        "--no-sandbox",
        "--disable-gpu",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={film(sacha.code, tmp_path / 'ticket.y4m')}",
    ]
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=flags)
        context = await opened.new_context(base_url=house.portal, locale="fr-FR", permissions=["camera"])
        page = await context.new_page()
        await sign_in(page, house, "nadia@demo.example")
        await hold_door(page)
        await page.get_by_role("button", name="Scanner un billet").click()
        await expect(page.locator("[data-part=result]").get_by_text(sacha.at_the_door)).to_be_visible(timeout=20_000)
        await page.get_by_role("button", name="Fermer l'appareil photo").click()
        await expect(page.locator("[data-part=recent] li")).to_have_count(1)
        await opened.close()
