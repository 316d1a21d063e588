"""French is the source, English is complete, and nothing a visitor reads escapes translation."""

import ast
import re
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from portal import i18n
from portal.i18n import NARROW_NO_BREAK, NO_BREAK, language
from portal.rendering import speaking

SOURCE = Path(str(files("portal")))
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "N_": None, "say": None, "count": (1, 2)}
OPTIONS = {"**.py": {}, "templates/**.html": {"extensions": "jinja2.ext.do", "trim_blocks": "true"}}
NAMES = {"English", "Français", "Ctrl", "Tab"}
"""Languages are named in themselves, keys as they are engraved."""

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_TEMPLATING = re.compile(r"{% block width %}[\w -]*{% endblock %}|{#.*?#}|{%.*?%}|{{.*?}}", re.DOTALL)
_MARKUP = re.compile(r'<[^>]*>|aria-\w+="[^"]*"', re.DOTALL)
_ATTRIBUTE = re.compile(r"""\b(aria-label|title|placeholder|alt)="([^"{]*[a-zA-Zéèêà]{2}[^"{]*)\"""")
_FRENCH_LETTERS = re.compile(r"[éèêàçùîôœ]|\b(le|la|les|un|une|des|vous|pour|avec)\b", re.IGNORECASE)


def extracted() -> Catalog:
    found = Catalog()
    for _, _, message, _, _ in extract_from_dir(SOURCE, METHODS, OPTIONS, KEYWORDS):
        found.add(message)
    return found


def english() -> Catalog:
    with (SOURCE / "locale/en/LC_MESSAGES/portal.po").open("rb") as file:
        return read_po(file, locale="en")


def forms(message: object) -> tuple[str, ...]:
    return message if isinstance(message, tuple) else (str(message),)


def test_there_are_sentences_to_translate() -> None:
    assert len(extracted()) > 250


def test_the_english_catalog_says_everything_and_nothing_else() -> None:
    wanted = {message.id for message in extracted() if message.id}
    said = {message.id for message in english() if message.id and all(forms(message.string)) and not message.fuzzy}
    assert wanted - said == set()
    assert said - wanted == set()


def test_translations_keep_every_value_of_the_sentence() -> None:
    for message in english():
        if message.id:
            wanted = {name for form in forms(message.id) for name in _PLACEHOLDER.findall(form)}
            said = [set(_PLACEHOLDER.findall(form)) for form in forms(message.string)]
            assert set().union(*said) == wanted, message.id


@pytest.mark.parametrize("template", sorted((SOURCE / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_word_of_a_template_is_left_out_of_translation(template: Path) -> None:
    text = template.read_text()
    words = re.findall(r"[^\W\d_]{2,}", _MARKUP.sub(" ", _TEMPLATING.sub(" ", text)))
    assert set(words) <= NAMES | {"doctype", "html"}, words
    assert _ATTRIBUTE.findall(text) == []


@pytest.mark.parametrize("module", sorted(SOURCE.rglob("*.py")), ids=lambda path: path.stem)
def test_no_french_sentence_in_code_is_left_out_of_translation(module: Path) -> None:
    tree = ast.parse(module.read_text())
    marked = {id(arg) for call in ast.walk(tree) if isinstance(call, ast.Call) for arg in _marked(call)}
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            if id(node) in marked or id(node) in documentation:
                continue
            assert not _FRENCH_LETTERS.search(node.value), f"{module.name}: {node.value!r}"


def _marked(call: ast.Call) -> list[ast.expr]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return call.args if name in KEYWORDS else []


def test_french_is_typeset() -> None:
    said = language("fr").say("Vraiment ? « Oui » : 12 € !")
    assert said == (f"Vraiment{NARROW_NO_BREAK}? «{NO_BREAK}Oui{NO_BREAK}»{NO_BREAK}: 12{NO_BREAK}€{NARROW_NO_BREAK}!")


@pytest.mark.parametrize(("number", "said"), [(0, "0 place"), (1, "1 place"), (2, "2 places")])
def test_zero_is_singular_in_french(number: int, said: str) -> None:
    assert language("fr").count("%(num)s place", "%(num)s places", number) == said


@pytest.mark.parametrize(("number", "said"), [(0, "0 seats"), (1, "1 seat"), (2, "2 seats")])
def test_zero_is_plural_in_english(number: int, said: str) -> None:
    assert language("en").count("%(num)s place", "%(num)s places", number) == said


@pytest.mark.parametrize(
    ("asked", "kept", "accepted", "code"),
    [
        ("", "", "", "fr"),
        ("en", "fr", "fr", "en"),
        ("", "en", "fr-FR", "en"),
        ("de", "it", "", "fr"),
        ("", "", "en-GB,en;q=0.9,fr;q=0.8", "en"),
        ("", "", "de-DE,de;q=0.9,en;q=0.5", "en"),
        ("", "", "*", "fr"),
        ("", "", "é;;;,,,-", "fr"),
        ("", "", "fr-CA", "fr"),
    ],
)
def test_the_language_is_the_one_asked_for_else_kept_else_accepted(
    asked: str, kept: str, accepted: str, code: str
) -> None:
    assert i18n.preferred(asked=asked, kept=kept, accepted=accepted).code == code


@pytest.mark.parametrize(
    ("house", "said"),
    [("Inter-Made", "Équipe d'Inter-Made"), ("Éclore", "Équipe d'Éclore"), ("La Ruche", "Équipe de La Ruche")],
)
def test_french_words_give_way_to_a_vowel(house: str, said: str) -> None:
    french = language("fr")
    assert french.say("Équipe de %(house)s", house=house) == said
    assert speaking(french)["gettext"]("Équipe de %(house)s", house=house) == said
    assert speaking(french)["ngettext"]("un membre de %(house)s", "%(num)s membres de %(house)s", 2, house=house) == (
        said.replace("Équipe", "2 membres")
    )


def test_what_is_put_into_a_sentence_is_escaped() -> None:
    said = speaking(language("fr"))["gettext"]("Équipe de %(house)s", house="<b>A</b>")
    assert said == "Équipe de &lt;b&gt;A&lt;/b&gt;"
