"""What an exit code says, and the one line that goes with it."""

import click

OK = 0
FAILED = 1
USAGE = 2
MISSING = 3
DENIED = 4
CONFLICT = 5
AWAY = 6
INTERRUPTED = 130


class Trouble(click.ClickException):
    """Something the operator can mend: one line on stderr, an exit code, and nothing half-started left behind."""

    def __init__(self, message: str, *, code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = code  # type: ignore[misc]  # click reads it from the instance

    def show(self, file: object = None) -> None:  # noqa: ARG002 - click's signature
        """Print the line on stderr."""
        click.echo(f"groupement: {self.message}", err=True)
