"""Templates in the visitor's language, with our ways of writing dates, amounts and words at hand."""

from collections.abc import Callable
from functools import lru_cache, partial
from urllib.parse import urlencode

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from portal import charts, formats, navigation, words
from portal.assets import Assets
from portal.forms import Form
from portal.hexagons import comb
from portal.i18n import CODES, FRENCH, Language, language, typeset
from portal.icons import icon

_FORMATS: tuple[Callable[..., str], ...] = (
    formats.day,
    formats.short_day,
    formats.weekday,
    formats.month,
    formats.short_month,
    formats.number,
    formats.clock,
    formats.hour,
    formats.hours,
    formats.moment,
    formats.period,
    formats.span,
    formats.money,
)


class Templates:
    """The templates, once a language."""

    def __init__(self, assets: Assets) -> None:
        self._environments = {code: _environment(language(code), assets) for code in CODES}

    def render(self, name: str, speech: Language, values: dict[str, object]) -> str:
        """The page as text."""
        return self._environments[speech.code].get_template(name).render(values)


@lru_cache(maxsize=500)
def qr(content: str, *, title: str) -> Markup:
    """A QR code as inline SVG (ISO/IEC 18004), error correction M; drawn once, for that takes 20 ms."""
    code = segno.make(content, error="m", micro=False)
    return Markup(code.svg_inline(title=title, omitsize=True, border=4, light="#fff", dark="#16161f"))  # noqa: S704


def with_query(path: str, **values: object) -> str:
    """An address with the values that are not empty as its query."""
    query = urlencode({name: value for name, value in values.items() if value not in ("", None)})
    return f"{path}?{query}" if query else path


def speaking(speech: Language) -> dict[str, Callable[..., Markup]]:
    """`_` and `ngettext` of templates: what is written there is markup, what is put into it is escaped."""

    def gettext(message: str, /, **values: object) -> Markup:
        return Markup(speech.with_values(speech.words.gettext(message), values)) % values  # noqa: S704

    def ngettext(one: str, many: str, num: int, /, **values: object) -> Markup:
        values.setdefault("num", num)
        return Markup(speech.with_values(speech.words.ngettext(one, many, num), values)) % values  # noqa: S704

    return {"gettext": gettext, "ngettext": ngettext}


def _as_it_is(text: str) -> str:
    return text


def _environment(speech: Language, assets: Assets) -> Environment:
    environment = Environment(
        loader=PackageLoader("portal"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    environment.install_gettext_translations(speech.words, newstyle=True)  # type: ignore[attr-defined]
    environment.globals |= speaking(speech)
    environment.filters |= {format_.__name__: partial(format_, speech) for format_ in _FORMATS}
    environment.filters["local"] = formats.local
    environment.filters["typeset"] = typeset if speech.code == FRENCH else _as_it_is
    environment.filters["sentence"] = lambda text: text[:1].upper() + text[1:]
    environment.filters["word"] = lambda number, kind: speech.say(words.word(kind, number))
    environment.filters["kind_named"] = lambda name: speech.say(words.resource_kind_named(name))
    environment.filters["role"] = lambda name: speech.say(words.role(name))
    environment.globals |= {
        "asset": assets.url,
        "charts": charts,
        "honeycomb": comb,
        "icon": icon,
        "new_form": Form,
        "qr": qr,
        "speech": speech,
        "ways": navigation.MAIN,
        "with_query": with_query,
    }
    return environment
