"""Icons, drawn inline: the shapes of Lucide (ISC, see icons/LICENSE), one file each, read once."""

import re
from functools import cache
from importlib.resources import files

from markupsafe import Markup, escape

_SHAPES = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)


class UnknownIcon(KeyError):
    """There is no such drawing in `icons/`."""


@cache
def shapes(name: str) -> Markup:
    """What is inside the drawing of that name; raises UnknownIcon."""
    try:
        text = files("portal").joinpath("icons", f"{name}.svg").read_text()
    except FileNotFoundError as missing:
        raise UnknownIcon(name) from missing
    found = _SHAPES.search(text)
    if found is None:
        raise UnknownIcon(name)
    return Markup(" ".join(found.group(1).split()).replace("> <", "><"))  # noqa: S704 - our own files


def icon(name: str, label: str = "") -> Markup:
    """The icon beside words; with a label, an icon that stands for them."""
    if label:
        return Markup('<svg class="icon" viewBox="0 0 24 24" role="img" aria-label="{}">{}</svg>').format(
            escape(label), shapes(name)
        )
    return Markup('<svg class="icon" viewBox="0 0 24 24" aria-hidden="true">{}</svg>').format(shapes(name))
