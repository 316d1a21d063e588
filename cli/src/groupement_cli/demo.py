"""The demo's files: copied into the data directory at the first start, then loaded by each service itself."""

import json
import shutil
import tomllib
from pathlib import Path

from servicekit.origin import Origin

from groupement_cli.exits import MISSING, Trouble
from groupement_cli.home import Home, write_private
from groupement_cli.keys import make_password
from groupement_cli.registry import PORTAL, SHARED_IDENTITY

SOURCE = Path(__file__).resolve().parents[3] / "deploy" / "demo"


def lay_out(home: Home) -> None:
    """Write what a first start needs and leave what is there: the registry, the demo's passwords."""
    if not home.registry.exists():
        if not (SOURCE / "groupement.toml").exists():
            raise Trouble(f"there is no {home.registry} and no demo beside this program", code=MISSING)
        shutil.copyfile(SOURCE / "groupement.toml", home.registry)
    people = demo_file(SHARED_IDENTITY)
    if people is not None and not home.accounts.exists():
        emails = [person["email"] for person in tomllib.loads(people.read_text()).get("people", [])]
        write_private(home.accounts, json.dumps({email: make_password() for email in emails}, indent=2))


def write_clients(home: Home, *, portal_url: str) -> None:
    """Write who may send people to the provider to sign in; the portal stands where this start puts it."""
    write_private(home.clients, _clients(portal_url))


def demo_file(origin: Origin) -> Path | None:
    """The demo data of one instance, if it has some."""
    name = origin.kind if origin == SHARED_IDENTITY else origin.instance
    path = SOURCE / f"{name}.toml"
    return path if path.exists() else None


def demo_people() -> list[tuple[str, str]]:
    """E-mail and part of each demo account, as the demo file says them."""
    people = demo_file(SHARED_IDENTITY)
    if people is None:
        return []
    entries = tomllib.loads(people.read_text()).get("people", [])
    return [(entry["email"], entry.get("part", "")) for entry in entries]


def _clients(portal_url: str) -> str:
    """The portal is an ordinary client of the provider; it proves itself by its certificate (RFC 8705)."""
    return "\n".join(
        (
            "[[clients]]",
            'id = "portal"',
            'name = "Portail du groupement"',
            f'redirect_uris = ["{portal_url}/auth/callback"]',
            f'post_logout_redirect_uris = ["{portal_url}/"]',
            f'tls_san = "{PORTAL.spiffe}"',
            'subject = "public"',
            "",
        )
    )
