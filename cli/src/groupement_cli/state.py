"""What runs, as the last `up` wrote it down."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from groupement_cli.exits import AWAY, Trouble
from groupement_cli.home import Home


@dataclass(frozen=True, kw_only=True)
class Noted:
    """One process as noted: its name, its process id, where it listens."""

    name: str
    pid: int
    address: str


@dataclass(frozen=True, kw_only=True)
class State:
    """A house that runs."""

    pid: int
    portal: str
    portal_url: str
    issuer: str
    bus: str
    processes: tuple[Noted, ...]
    metrics: Mapping[str, str]


def read_state(home: Home) -> State:
    """What runs on a data directory; a Trouble when nothing does."""
    try:
        noted = json.loads(home.run.read_text())
    except (OSError, ValueError):
        raise Trouble(f"nothing runs on {home.root}; start it with `groupement up`", code=AWAY) from None
    processes = tuple(Noted(**process) for process in noted["processes"])
    return State(
        pid=noted["pid"],
        portal=noted["portal"],
        portal_url=noted["portal_url"],
        issuer=noted["issuer"],
        bus=noted["bus"],
        processes=processes,
        metrics=noted["metrics"],
    )
