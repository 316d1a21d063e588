"""The handle of the house: `groupement`."""

import sys
from importlib.metadata import version as installed_version

import click
from servicekit import logs

from groupement_cli.doctor import doctor
from groupement_cli.facts import facts
from groupement_cli.grant_staff import grant_staff
from groupement_cli.integrations import integrations
from groupement_cli.status import status
from groupement_cli.up import up

_EXITS = """
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 something is missing, 4 denied, 5 conflict (port or data directory in
use), 6 what was asked does not answer, 130 interrupted.
"""


@click.group(epilog=_EXITS, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
def main() -> None:
    """Run the groupement, look after it, listen to what it says.

    \b
    groupement up                                    the whole house, here
    groupement doctor                                what is wrong, and what mends it
    groupement facts tail --structure S              what a structure says and is told
    """
    logs.configure(instance="groupement", level="ERROR")


@main.command()
def version() -> None:
    """Say which version this is."""
    click.echo(f"groupement {installed_version('groupement-cli')} (Python {sys.version.split()[0]})")


for _command in (up, status, doctor, facts, integrations, grant_staff):
    main.add_command(_command)


if __name__ == "__main__":
    main()
