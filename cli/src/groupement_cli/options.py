"""Options that several commands share."""

from pathlib import Path

import click

home_option = click.option(
    "--home", envvar="GROUPEMENT_HOME", default="var", show_default=True, help="Data directory (GROUPEMENT_HOME)."
)
output_option = click.option(
    "--output", type=click.Choice(["table", "json"]), default="table", show_default=True, help="Form of the answer."
)


def home_path(home: str) -> Path:
    """The data directory named by an option or by the surroundings."""
    return Path(home).expanduser().absolute()
