"""Text is read at 4.5:1 and controls are seen at 3:1 (WCAG 2.2, 1.4.3 and 1.4.11), in light, in dark, at any hue."""

import re
from importlib.resources import files

import pytest
from portal.colour import linear_rgb
from portal.showcase import House
from portal.theme import style_sheet, tokens

Colour = tuple[float, float, float]
_TOKEN = re.compile(r"--([a-z-]+): light-dark\(oklch\(([^)]*)\), oklch\(([^)]*)\)\);")
TEXT, CONTROL = 4.5, 3.0


def plain_tokens() -> dict[str, tuple[Colour, Colour]]:
    sheet = files("portal").joinpath("static", "css", "tokens.css").read_text()
    return {name: (parsed(light), parsed(dark)) for name, light, dark in _TOKEN.findall(sheet)}


def parsed(text: str) -> Colour:
    lightness, chroma, hue = text.split()
    return float(lightness.rstrip("%")) / 100, float(chroma), float(hue)


def luminance(colour: Colour) -> float:
    red, green, blue = (min(1.0, max(0.0, channel)) for channel in linear_rgb(*colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Colour, other: Colour) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def house(hue: int, mode: int) -> dict[str, Colour]:
    pairs = tokens(hue)
    tones = {name: (pair.light, pair.dark)[mode] for name, pair in pairs.items()}
    return {name: (tone.lightness, tone.chroma, float(tone.hue)) for name, tone in tones.items()}


MODES = pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
STATES = ("ok", "warn", "refusal", "info")


def test_black_on_white_is_21_to_1() -> None:
    assert contrast((0, 0, 0), (1, 0, 0)) == pytest.approx(21, abs=0.05)


@MODES
@pytest.mark.parametrize("text", ["ink", "muted", *STATES])
@pytest.mark.parametrize("ground", ["paper", "surface", "sunk"])
def test_text_is_read_on_every_ground(text: str, ground: str, mode: int) -> None:
    known = plain_tokens()
    assert contrast(known[text][mode], known[ground][mode]) >= TEXT


@MODES
@pytest.mark.parametrize("state", STATES)
def test_notices_are_read(state: str, mode: int) -> None:
    known = plain_tokens()
    assert contrast(known["ink"][mode], known[f"{state}-wash"][mode]) >= TEXT
    assert contrast(known[state][mode], known[f"{state}-wash"][mode]) >= CONTROL


@MODES
@pytest.mark.parametrize("ground", ["paper", "surface", "sunk"])
@pytest.mark.parametrize("edge", ["control", "focus"])
def test_edges_of_controls_are_seen(edge: str, ground: str, mode: int) -> None:
    known = plain_tokens()
    assert contrast(known[edge][mode], known[ground][mode]) >= CONTROL


@MODES
def test_any_hue_makes_a_theme_that_is_read(mode: int) -> None:
    known = plain_tokens()
    for hue in range(360):
        own = house(hue, mode)
        assert contrast(own["house-ink"], own["house"]) >= TEXT, hue
        assert contrast(own["house-ink"], own["house-strong"]) >= TEXT, hue
        for ground in (known["paper"][mode], known["surface"][mode], known["sunk"][mode], own["house-wash"]):
            assert contrast(own["house-text"], ground) >= TEXT, hue
        for ground in (known["paper"][mode], known["surface"][mode], own["house-wash"]):
            assert contrast(own["house-line"], ground) >= CONTROL, hue
        for ground in (own["poster-ground"], own["poster-cell"]):
            assert contrast(own["poster-ink"], ground) >= TEXT, hue


def test_every_tone_is_one_that_a_screen_can_show() -> None:
    for hue in range(0, 360, 5):
        for mode in (0, 1):
            for tone in house(hue, mode).values():
                assert all(-0.001 <= channel <= 1.001 for channel in linear_rgb(*tone))


def test_the_themes_name_every_structure_once() -> None:
    sheet = style_sheet([House(slug="la-ruche", name="La Ruche", hue=80), House(slug="az-up", name="Az'up", hue=200)])
    assert sheet.count('[data-house="la-ruche"]') == 1
    assert sheet.count('[data-house="az-up"]') == 1
    assert "style=" not in sheet
