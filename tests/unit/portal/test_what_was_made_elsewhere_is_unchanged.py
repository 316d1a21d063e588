"""What was taken from elsewhere is what was taken: each such file is listed with its hash, its licence beside."""

import hashlib
import re
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest
from portal.icons import UnknownIcon, icon, shapes

ROOT = Path(__file__).parents[3]
SOURCE = Path(str(files("portal")))
LISTED: dict[str, str] = {
    path: digest
    for package in tomllib.loads((ROOT / "services/portal/vendored.toml").read_text())["packages"]
    for path, digest in package["files"].items()
}
_ICON = re.compile(r"""\bicon(?:=|\()\s*"([a-z0-9-]+)\"""")
_FOREIGN = re.compile(r"""(?:src|href)="(?:https?:)?//|url\("?(?:https?:)?//|@import""")
KILOBYTE = 1024


@pytest.mark.parametrize("path", sorted(LISTED))
def test_a_listed_file_is_byte_for_byte_what_was_taken(path: str) -> None:
    assert hashlib.sha256((ROOT / path).read_bytes()).hexdigest() == LISTED[path]


def test_nothing_from_elsewhere_is_unlisted() -> None:
    folders = (SOURCE / "static/vendor", SOURCE / "static/fonts", SOURCE / "icons", ROOT / "tests/support/vendor")
    ours = {".txt", ".md", ""}
    found = {str(path.relative_to(ROOT)) for folder in folders for path in folder.iterdir() if path.suffix not in ours}
    assert found == set(LISTED)


def test_licences_are_beside() -> None:
    for path in (
        "static/vendor/htmx.LICENSE.txt",
        "icons/LICENSE",
        "static/fonts/bricolage-grotesque.OFL.txt",
        "static/fonts/inter.OFL.txt",
    ):
        assert len((SOURCE / path).read_text()) > 500


def test_every_icon_that_is_named_is_drawn() -> None:
    sources = [*SOURCE.rglob("*.html"), *SOURCE.rglob("*.py")]
    named = {name for path in sources for name in _ICON.findall(path.read_text())}
    assert len(named) > 15
    for name in named:
        assert "<path" in shapes(name) or "<circle" in shapes(name) or "<rect" in shapes(name), name


def test_an_icon_with_a_label_stands_for_it_and_one_without_is_decoration() -> None:
    assert 'role="img" aria-label="Fermer &lt;b&gt;"' in icon("x", "Fermer <b>")
    assert 'aria-hidden="true"' in icon("x")
    with pytest.raises(UnknownIcon):
        icon("nothing-of-the-kind")


def test_letterforms_together_are_light() -> None:
    fonts = SOURCE / "static/fonts"
    first = ("bricolage-grotesque.woff2", "atkinson-hyperlegible-next.woff2", "inter-figures.woff2")
    assert sum((fonts / name).stat().st_size for name in first) < 60 * KILOBYTE


def test_nothing_is_asked_of_anybody_else() -> None:
    for path in [*SOURCE.rglob("*.html"), *(SOURCE / "static/css").glob("*.css")]:
        assert not _FOREIGN.search(path.read_text()), path
