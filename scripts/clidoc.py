"""Write docs/cli.md from the commands themselves, or check that it is what they say.

python scripts/clidoc.py           write docs/cli.md
python scripts/clidoc.py --check   fail where the page is not what the commands' --help gives
"""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from tacit.cli.main import cli

PAGE = Path(__file__).resolve().parent.parent / "docs" / "cli.md"
_WIDTH = 90
INTRODUCTION = """\
# Command line

Written by `make cli-docs` from the commands' own `--help`; do not edit by hand.

Every command takes `--json` (one JSON document on standard output and nothing else; errors as
`{"error": {"code", "message", "exit_code"}}`), `--lang en|ko` and `--debug`. Results go to
standard output; progress bars go to standard error and only to a terminal. `NO_COLOR` is honoured.
[operating.md](operating.md) has the settings, error codes and exit codes.
"""


def pages(command: click.Command, context: click.Context) -> Iterator[str]:
    """Give the help of a command and of everything below it, as Markdown."""
    yield f"## `{context.command_path}`\n\n```text\n{command.get_help(context)}\n```\n"
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            if below is not None:
                yield from pages(below, _context(below, name, context))


def page() -> str:
    """Give the whole page."""
    return "\n".join([INTRODUCTION, *pages(cli, _context(cli, "tacit"))]) + "\n"


def _context(
    command: click.Command, name: str, parent: click.Context | None = None
) -> click.Context:
    # The help must not depend on the terminal it is written from.
    return click.Context(command, parent, name, terminal_width=_WIDTH, max_content_width=_WIDTH)


def main() -> None:
    """Write the page or check it."""
    text = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(text, encoding="utf-8")
    elif PAGE.read_text("utf-8") != text:
        sys.exit("docs/cli.md is not what the commands say; run `make cli-docs`")


if __name__ == "__main__":
    main()
