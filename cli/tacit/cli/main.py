"""The `tacit` command."""

import click


@click.group()
def main() -> None:
    """Find out where records overlap without disclosing a name."""
