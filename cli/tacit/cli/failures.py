"""Turn whatever went wrong into one sentence and one documented exit code."""

import json
import os
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import click
import platformdirs

from tacit.cli.language import translate
from tacit.cli.output import Output
from tacit.linkage.errors import CATALOGUE, Code, TacitError
from tacit.node.sources.problems import InputRefused

EXIT_UNWELL = 1
EXIT_BROKEN_PIPE = 141
EXIT_TERMINATED = 143
SHOWN_PROBLEMS = 20
# Exit codes by what they mean; the codes of the catalogue fall in these classes.
EXIT_MEANINGS: Mapping[int, str] = {
    0: "Done.",
    EXIT_UNWELL: "Done, and something was found to be wrong.",
    2: "The command line is wrong.",
    3: "An input file, schema, mapping or agreement cannot be used.",
    4: "What was asked for does not exist.",
    5: "It exists already.",
    6: "Not allowed: passphrase, enrolment, invitation, purpose or permission.",
    7: "Node and coordinator speak different protocol versions.",
    8: "Not now: something must happen first, or the agreement forbids it.",
    9: "Something does not verify, or arrived damaged.",
    10: "Try again: the coordinator or a store cannot be used at the moment.",
    70: "A mistake in Tacit; the log named in the sentence says where.",
    130: "Interrupted with Ctrl-C.",
    EXIT_BROKEN_PIPE: "The reader of the output went away.",
    EXIT_TERMINATED: "Told to stop (SIGTERM).",
}


def report(error: BaseException, output: Output) -> int:
    """Tell what went wrong, in the command's own manner, and give the exit code."""
    if isinstance(error, BrokenPipeError):
        # Nobody reads: keep the interpreter from complaining when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_BROKEN_PIPE
    if isinstance(error, click.exceptions.NoArgsIsHelpError) and not output.json:
        click.echo(error.format_message(), err=True)
        return error.exit_code
    failure = _as_tacit(error)
    sentence = failure.sentence(output.language)
    if failure.code is Code.INTERNAL:
        sentence = f"{sentence} {_logged(error, output)}"
    if isinstance(error, click.UsageError) and error.ctx is not None and not output.json:
        click.echo(error.ctx.get_usage(), err=True)
    _tell(failure, sentence, output)
    if output.debug:
        _stack(error)
    return failure.entry.exit_code


def exit_codes() -> list[tuple[int, str, list[Code]]]:
    """Give every exit code with its meaning and the catalogue codes that end in it."""
    return [
        (number, meaning, [code for code, entry in CATALOGUE.items() if entry.exit_code == number])
        for number, meaning in EXIT_MEANINGS.items()
    ]


def _as_tacit(error: BaseException) -> TacitError:
    if isinstance(error, TacitError):
        return error
    if isinstance(error, click.ClickException):
        return TacitError(Code.USAGE, problem=error.format_message())
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return TacitError(Code.INTERRUPTED)
    return TacitError(Code.INTERNAL)


def _tell(failure: TacitError, sentence: str, output: Output) -> None:
    found = failure.problems if isinstance(failure, InputRefused) else ()
    problems = [problem.say(output.language) for problem in found]
    if output.json:
        error: dict[str, object] = {
            "code": failure.code.value,
            "message": sentence,
            "exit_code": failure.entry.exit_code,
        }
        if problems:
            error["problems"] = problems
        sys.stdout.write(json.dumps({"error": error}, ensure_ascii=False, indent=2) + "\n")
        sys.stdout.flush()
    else:
        label = translate("Error", output.language)
        click.secho(f"{label}: {sentence}", fg="red" if _coloured() else None, err=True)
        for problem in problems[1:SHOWN_PROBLEMS]:
            click.echo(f"  {problem}", err=True)


def _coloured() -> bool:
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")


def frames(error: BaseException) -> str:
    """Give where an error came from: types, files, lines and functions.

    Messages and local variables are left out, since either may hold personal data.
    """
    parts: list[str] = []
    current: BaseException | None = error
    while current is not None:
        parts.append(f"{type(current).__module__}.{type(current).__qualname__}")
        parts += [
            f"  {frame.filename}:{frame.lineno} in {frame.name}"
            for frame in traceback.extract_tb(current.__traceback__)
        ]
        current = current.__cause__ or current.__context__
    return "\n".join(parts)


def log_path() -> Path:
    """Give the file that unforeseen errors are logged to (TACIT_LOG_DIR moves it)."""
    folder = os.environ.get("TACIT_LOG_DIR") or platformdirs.user_log_dir("tacit", appauthor=False)
    return Path(folder) / "errors.log"


def _logged(error: BaseException, output: Output) -> str:
    path = log_path()
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with path.open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now(UTC).isoformat()} {frames(error)}\n")
    except OSError:
        return translate("The log could not be written.", output.language)
    return translate("The log is at {path}.", output.language, path=path)


def _stack(error: BaseException) -> None:
    detail = error.detail if isinstance(error, TacitError) else ""
    click.echo("\n".join(filter(None, [detail, frames(error)])), err=True)
