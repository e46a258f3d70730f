"""The `tacit` command."""

import signal
import sys
import warnings
from collections.abc import Sequence
from importlib.metadata import version
from types import FrameType
from typing import NoReturn

import click

import tacit.coordinator.quiet  # noqa: F401 (before anything imports gRPC)
from tacit.cli.command import LazyGroup
from tacit.cli.failures import EXIT_TERMINATED, report
from tacit.cli.language import language_of
from tacit.cli.output import Output

COMMANDS = {
    "coordinator": ("tacit.cli.coordinator", "coordinator", "Run the coalition's service."),
    "node": ("tacit.cli.node", "node", "Keep a member's register and keys."),
    "project": ("tacit.cli.project", "project", "Make, sign and read agreements."),
    "link": ("tacit.cli.link", "link", "Find the match groups of a project."),
    "results": ("tacit.cli.link", "results", "Show matches beside your own records."),
    "decide": ("tacit.cli.decide", "decide", "Say what you found out about a match."),
    "decisions": ("tacit.cli.decide", "decisions", "List what was decided about your records."),
    "check": ("tacit.cli.check", "check", "Ask whether records are documented elsewhere."),
    "count": ("tacit.cli.count", "count", "Count distinct victims together."),
    "claims": ("tacit.cli.claims", "claims", "Show who recorded what first, with proofs."),
    "ledger": ("tacit.cli.ledger", "ledger", "Read, keep and verify the coalition's ledger."),
    "evaluate": ("tacit.cli.evaluate", "evaluate", "Score matching on files with truth."),
    "schema": ("tacit.cli.schema", "schema", "Infer, weigh and validate linkage schemas."),
    "synth": ("tacit.cli.synth", "synth", "Make a synthetic coalition."),
    "demo": ("tacit.cli.demo.command", "demo", "Play the whole story on this machine."),
    "errors": ("tacit.cli.errors", "errors", "List error codes and exit codes."),
}


@click.group(cls=LazyGroup, lazy=COMMANDS)
@click.version_option(version("tacit"), prog_name="tacit")
def cli() -> None:
    """Find out where records overlap without disclosing a name."""


def run(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code; nothing but SystemExit(143) leaves it."""
    try:
        code = cli.main(args=list(arguments), prog_name="tacit", standalone_mode=False)
        sys.stdout.flush()
    except SystemExit as ended:
        if ended.code != 1:
            raise
        # How click says that nobody reads the output any more.
        return report(BrokenPipeError(), _manner(arguments))
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 (the edge: every error gets a sentence)
        return report(error, _manner(arguments))
    return code if isinstance(code, int) else 0


def main() -> NoReturn:
    """Be the `tacit` program."""
    if not sys.warnoptions:
        # For developers; and what goes to standard error should be for whoever runs the command.
        warnings.simplefilter("ignore")
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    signal.signal(signal.SIGTERM, _terminated)
    sys.exit(run(sys.argv[1:]))


def _manner(arguments: Sequence[str]) -> Output:
    """Read how to answer from the words themselves, for errors met before they were parsed."""
    lang = next((a.split("=", 1)[1] for a in arguments if a.startswith("--lang=")), None)
    if lang is None and "--lang" in arguments[:-1]:
        lang = arguments[list(arguments).index("--lang") + 1]
    return Output("--json" in arguments, language_of(lang), "--debug" in arguments)


def _terminated(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(EXIT_TERMINATED)


if __name__ == "__main__":
    main()
