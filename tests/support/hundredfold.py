"""The demo, a hundred times: every person, project, place, booking, event and entry again under other ids and names."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from groupement_cli.home import Home

DEMO = Path(__file__).parents[2] / "deploy" / "demo"
_NOT_AGAIN = {"staff", "posts", "agreements", "groupement", "structures", "instances"}
_GUESTS = {"registrations", "invitations"}
"""Who comes to an event, once: a hundred times as many in one transaction would hold everybody else up."""

_ID = re.compile(r"\b([a-z]+)_0199([0-9a-f]{8})(7[0-9a-f]{3}[89ab][0-9a-f]{15})\b")
_ADDRESS = re.compile(r"^([^@\s]+)@demo\.example$")
_NAMED = {"name", "title", "family_name", "label"}


def files(home: Home, times: int) -> Iterator[tuple[str, Path]]:
    """Instance and file, for each demo file that has something to bring again; written below the data directory."""
    for path in sorted(DEMO.glob("*.toml")):
        more = _more(tomllib.loads(path.read_text()), times)
        if more:
            file = home.root / f"hundredfold-{path.name}"
            file.write_text("\n".join(f"{key} = {_written(value)}" for key, value in more.items()))
            yield _instance(path.stem), file


def _instance(stem: str) -> str:
    return stem if "@" in stem else f"{stem}@groupement"


def _more(document: dict[str, Any], times: int) -> dict[str, Any]:
    wanted = {key: value for key, value in document.items() if key not in _NOT_AGAIN and isinstance(value, list)}
    return {key: [_again(one, number) for number in range(1, times) for one in value] for key, value in wanted.items()}


def _again(value: Any, number: int, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _again(one, number, name) for name, one in value.items() if name not in _GUESTS}
    if isinstance(value, list):
        return [_again(one, number) for one in value]
    if not isinstance(value, str):
        return value
    if key == "slug":
        return f"{value}-{number}"
    renamed = _ID.sub(lambda found: f"{found[1]}_0199{number:08x}{found[3]}", value)
    renamed = _ADDRESS.sub(rf"\1.{number}@demo.example", renamed)
    return f"{renamed} {number}" if key in _NAMED and renamed == value else renamed


def _written(value: Any) -> str:
    """A value as TOML; strings escape as in JSON."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_written(one) for one in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
