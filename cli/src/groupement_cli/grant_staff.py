"""`groupement grant-staff`: name the first administrator of an instance, from the machine it runs on."""

import asyncio

import click
from servicekit.origin import Origin

from groupement_cli import plan
from groupement_cli.addresses import choose
from groupement_cli.exits import MISSING, USAGE, Trouble
from groupement_cli.home import open_home
from groupement_cli.house import run_verbs
from groupement_cli.options import home_option, home_path
from groupement_cli.registry import read_registry

_ANY_PORT = 65_000


@click.command("grant-staff")
@home_option
@click.argument("instance")
@click.option("--person", required=True, help="The person's identifier: person_...")
@click.option("--role", default="ADMIN", show_default=True, help="The role, as the contract names it.")
def grant_staff(home: str, instance: str, person: str, role: str) -> None:
    """Give a person a role in the staff record of INSTANCE (coworking@la-ruche)."""
    opened = open_home(home_path(home))
    registry = read_registry(opened.registry)
    try:
        origin = Origin.parse(instance)
    except ValueError as error:
        raise Trouble(str(error), code=USAGE) from None
    if origin not in registry.instances:
        raise Trouble(f"there is no {instance} in {opened.registry}", code=MISSING)
    env = plan.instance_env(opened, choose(_ANY_PORT, registry.instances), origin)
    arguments = ("grant-staff", "--person", person, "--role", role)
    asyncio.run(run_verbs(origin, (arguments,), env, opened.log(origin.instance)))
    click.echo(f"{person} is {role} at {instance}")
