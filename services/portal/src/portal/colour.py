"""OKLCH, as far as themes need it: what a screen can show (CSS Color 4, §10 and Björn Ottosson's matrices)."""

from math import cos, radians, sin

_STEPS = 12


def linear_rgb(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    """Linear light of an OKLCH colour; outside 0..1 where no screen can show it."""
    a, b = chroma * cos(radians(hue)), chroma * sin(radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def most_chroma(lightness: float, hue: float, *, at_most: float) -> float:
    """The strongest chroma up to `at_most` that a screen shows at that lightness and hue."""
    low, high = 0.0, at_most
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _shown(lightness, middle, hue) else (low, middle)
    return at_most if _shown(lightness, at_most, hue) else low


def _shown(lightness: float, chroma: float, hue: float) -> bool:
    return all(0.0 <= channel <= 1.0 for channel in linear_rgb(lightness, chroma, hue))
