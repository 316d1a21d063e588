"""`groupement facts dead`: what a subscriber could not take, and how to hand it over again."""

import asyncio
import json
from collections.abc import Sequence

import click
from servicekit.bus.dead_letters import DeadLetter, dead_letters, replay
from servicekit.origin import GROUPEMENT

from groupement_cli.bus import owner
from groupement_cli.exits import MISSING, USAGE, Trouble
from groupement_cli.home import Home, open_home
from groupement_cli.options import home_option, home_path, output_option
from groupement_cli.registry import read_registry
from groupement_cli.state import read_state

_structure_option = click.option("--structure", default=GROUPEMENT, show_default=True, help="Whose account.")


@click.group()
def dead() -> None:
    """Look at dead letters and bring them back."""


@dead.command("list")
@home_option
@output_option
@_structure_option
def list_dead(home: str, output: str, structure: str) -> None:
    """Show the facts that a subscriber could not take, and why."""
    letters = asyncio.run(_letters(_checked(home, structure), structure))
    if output == "json":
        for letter in letters:
            click.echo(json.dumps(_as_json(letter), ensure_ascii=False))
    elif not letters:
        click.echo("no dead letter", err=True)
    else:
        for letter in letters:
            _show(letter)


@dead.command("replay")
@home_option
@_structure_option
@click.argument("fact_ids", nargs=-1)
@click.option("--all", "all_of_them", is_flag=True, help="Every dead letter of the account.")
def replay_dead(home: str, structure: str, fact_ids: tuple[str, ...], all_of_them: bool) -> None:
    """Hand dead letters to their subscriber again, under the same ids; effects stay exactly once."""
    if bool(fact_ids) == all_of_them:
        raise Trouble("name the facts to replay, or say --all", code=USAGE)
    opened = _checked(home, structure)
    replayed = asyncio.run(_replay(opened, structure, set(fact_ids)))
    missing = set(fact_ids) - replayed
    for fact_id in sorted(replayed):
        click.echo(f"replayed {fact_id}")
    if missing:
        raise Trouble(f"no dead letter {', '.join(sorted(missing))} in {structure}", code=MISSING)


def _checked(home: str, structure: str) -> Home:
    opened = open_home(home_path(home))
    if structure not in read_registry(opened.registry).accounts():
        raise Trouble(f"there is no structure {structure}", code=MISSING)
    return opened


async def _letters(home: Home, structure: str) -> Sequence[DeadLetter]:
    async with owner(home, structure, read_state(home).bus) as bus:
        return [letter async for letter in dead_letters(bus)]


async def _replay(home: Home, structure: str, fact_ids: set[str]) -> set[str]:
    """Replay these, or all when none is named; gives the ids of what was replayed."""
    replayed = set()
    async with owner(home, structure, read_state(home).bus) as bus:
        for letter in [letter async for letter in dead_letters(bus)]:
            if not fact_ids or letter.fact_id in fact_ids:
                await replay(bus, letter)
                replayed.add(letter.fact_id)
    return replayed


def _show(letter: DeadLetter) -> None:
    """One line a letter, as wide as it is: its id is there to be copied."""
    when = letter.died_at.astimezone().strftime("%Y-%m-%d %H:%M")
    click.echo(f"{when}  {letter.fact_id}  {letter.subscriber}  {letter.subject}  {letter.reason}")


def _as_json(letter: DeadLetter) -> dict[str, object]:
    return {
        "id": letter.fact_id,
        "type": letter.type,
        "subscriber": letter.subscriber,
        "stream": letter.stream,
        "natsSubject": letter.subject,
        "reason": letter.reason,
        "diedTime": letter.died_at.isoformat(),
        "data": json.loads(letter.body),
    }
