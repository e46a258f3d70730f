"""Options that several commands of `tacit coordinator` share."""

from pathlib import Path

import click

from tacit.cli.options import EXISTING_FILE, first_line
from tacit.coordinator.home import passphrase_from_environment

key_passphrase_file = click.option(
    "--passphrase-file",
    type=EXISTING_FILE,
    envvar="TACIT_COORDINATOR_PASSPHRASE_FILE",
    show_envvar=True,
    help="File whose first line opens the coordinator's keys; else TACIT_COORDINATOR_PASSPHRASE.",
)

database_file = click.option(
    "--database-file",
    type=EXISTING_FILE,
    help="File with the URL of a PostgreSQL database; else SQLite.",
)


def key_passphrase(file: Path | None) -> str | None:
    """Give the passphrase of the coordinator's keys, if they have one."""
    if file is None:
        return passphrase_from_environment()
    return first_line(file)
