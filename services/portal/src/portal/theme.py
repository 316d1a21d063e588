"""One theme a structure, out of one hue: the colours that mean whose house this is, on paper and in the dark."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from portal.colour import most_chroma
from portal.showcase import DEFAULT_HUE, House

_BRIGHT_HUES = range(62, 118)
"""Yellows are only themselves when light: they carry dark ink, the others carry paper."""

_WARM_HUES = range(20, 62)
"""Vermilions and oranges turn to brick when dark, which reads as a warning: they are kept lively, under dark ink."""

_PEACH = 22
"""Degrees by which their tint turns to yellow, away from the pink of a refusal."""

_OURS = ':root, [data-house="groupement"]'
"""The groupement's own, which a part of a structure's page may wear."""

_SELECTOR = '[data-house="{}"]'


@dataclass(frozen=True, kw_only=True)
class Tone:
    """One colour, in OKLCH."""

    lightness: float
    chroma: float
    hue: int

    def __str__(self) -> str:
        return f"oklch({self.lightness * 100:.4g}% {self.chroma:.4f} {self.hue})"


@dataclass(frozen=True, kw_only=True)
class Pair:
    """One token: its colour in the light theme and in the dark one."""

    light: Tone
    dark: Tone

    def __str__(self) -> str:
        return f"light-dark({self.light}, {self.dark})"


@cache
def tokens(hue: int) -> dict[str, Pair]:
    """The tokens of a hue: `house` fills, `ink` is read on it, `text` is read on paper, `wash` tints, `line` draws;
    the `poster` is a ground, the cells on it, the ink that is read on both, and the `spark` of a house on a poster that
    is not its own."""
    hue = hue % 360
    bright = hue in _BRIGHT_HUES
    return {
        **_fills(hue, bright=bright),
        "house-text": _pair(hue, (0.44, 0.13), (0.82, 0.11)),
        "house-wash": _pair(hue + _PEACH if hue in _WARM_HUES else hue, (0.955, 0.028), (0.27, 0.035)),
        "house-line": _pair(hue, (0.60, 0.15), (0.62, 0.11)),
        **_poster(hue, bright=bright),
        "poster-spark": _pair(hue, (0.83, 0.16) if bright else (0.72, 0.16), (0.78, 0.13) if bright else (0.68, 0.14)),
    }


def _poster(hue: int, *, bright: bool) -> dict[str, Pair]:
    """The ground of a poster, the cells drawn on it, and the ink that is read on both."""
    if bright:
        ground, cell = (0.80, 0.16), (0.75, 0.16)
    else:
        ground, cell = ((0.69, 0.19), (0.75, 0.15)) if hue in _WARM_HUES else ((0.39, 0.16), (0.46, 0.17))
    ink = (0.22, 0.04) if bright or hue in _WARM_HUES else (0.985, 0.01)
    return {
        "poster-ground": _pair(hue, ground, (0.27, 0.075)),
        "poster-cell": _pair(hue, cell, (0.35, 0.09)),
        "poster-ink": _pair(hue, ink, (0.96, 0.02)),
    }


def _fills(hue: int, *, bright: bool) -> dict[str, Pair]:
    """What is pressed and what marks a house: its fill, the same under a pointer, and the ink on both."""
    if bright:
        fill, strong = _pair(hue, (0.80, 0.16), (0.82, 0.15)), _pair(hue, (0.75, 0.16), (0.87, 0.13))
    elif hue in _WARM_HUES:
        fill, strong = _pair(hue, (0.69, 0.19), (0.74, 0.15)), _pair(hue, (0.74, 0.16), (0.80, 0.12))
    else:
        fill, strong = _pair(hue, (0.50, 0.17), (0.76, 0.13)), _pair(hue, (0.43, 0.16), (0.82, 0.11))
    dark_ink = bright or hue in _WARM_HUES
    ink = _pair(hue, (0.22, 0.04), (0.20, 0.03)) if dark_ink else _pair(hue, (0.985, 0.01), (0.19, 0.03))
    return {"house": fill, "house-strong": strong, "house-ink": ink}


def style_sheet(houses: Iterable[House]) -> str:
    """The themes of all structures as CSS; the groupement's own is that of the page itself."""
    rules = [_rule(_OURS, DEFAULT_HUE), *(_rule(_SELECTOR.format(house.slug), house.hue) for house in houses)]
    return "@layer tokens {\n" + "\n".join(rules) + "\n}\n"


def version(houses: Iterable[House]) -> str:
    """A word that changes when the style sheet does."""
    return hashlib.sha256(style_sheet(houses).encode()).hexdigest()[:12]


def _rule(selector: str, hue: int) -> str:
    lines = "".join(f"  --{name}: {pair};\n" for name, pair in tokens(hue).items())
    return f"{selector} {{\n{lines}}}"


def _pair(hue: int, light: tuple[float, float], dark: tuple[float, float]) -> Pair:
    return Pair(light=_tone(hue, *light), dark=_tone(hue, *dark))


def _tone(hue: int, lightness: float, chroma: float) -> Tone:
    return Tone(lightness=lightness, chroma=most_chroma(lightness, hue, at_most=chroma), hue=hue)
