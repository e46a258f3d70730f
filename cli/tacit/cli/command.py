"""The kinds of command and group that all of Tacit's commands are made of."""

import importlib
from collections.abc import Mapping
from typing import Any

import click

from tacit.cli.language import LANGUAGES, language_of
from tacit.cli.output import Output


def _common_options() -> list[click.Parameter]:
    return [
        click.Option(["--json", "as_json"], is_flag=True, help="Answer with one JSON document."),
        click.Option(
            ["--lang"],
            type=click.Choice(LANGUAGES),
            help="Language of sentences and headings (TACIT_LANG; default en).",
        ),
        click.Option(["--debug"], is_flag=True, help="Show where an error came from."),
    ]


class Command(click.Command):
    """A command with `--json`, `--lang` and `--debug`; its callback gets an `Output` as object."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(_common_options())

    def invoke(self, ctx: click.Context) -> Any:
        """Run the callback with an `Output` made of the common options."""
        ctx.obj = Output(
            json=ctx.params.pop("as_json"),
            language=language_of(ctx.params.pop("lang")),
            debug=ctx.params.pop("debug"),
        )
        return super().invoke(ctx)


class Group(click.Group):
    """A group whose commands are of Tacit's kind."""

    command_class = Command
    group_class = type


class LazyGroup(Group):
    """A group that imports a command only when it is asked for, so that `tacit --help` is quick.

    Args:
        lazy: command name to (module, attribute, one line of help).
    """

    def __init__(self, *args: Any, lazy: Mapping[str, tuple[str, str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._lazy = lazy

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Name the commands in the order in which they are used."""
        return list(self._lazy)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command."""
        if cmd_name not in self._lazy:
            return super().get_command(ctx, cmd_name)
        module, attribute, _ = self._lazy[cmd_name]
        command = getattr(importlib.import_module(module), attribute)
        if not isinstance(command, click.Command):
            raise TypeError(f"{module}.{attribute} is not a command")
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """List the commands with their lines of help, without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in self._lazy.items()])
