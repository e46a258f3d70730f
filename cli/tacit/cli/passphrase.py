"""Where a node's passphrase comes from: never the command line, which other users can read."""

import os
import sys
from pathlib import Path

import click

from tacit.cli.options import first_line
from tacit.cli.output import Output
from tacit.linkage.errors import Code, TacitError

SERVICE = "tacit node"
SHORTEST = 8


def existing_passphrase(out: Output, home: Path, file: Path | None) -> str:
    """Find the passphrase of a node: file, TACIT_PASSPHRASE, keyring, or a question.

    Raises:
        TacitError: USAGE where there is none and nobody can be asked.
    """
    return _given(file) or _kept(home) or _asked(out, confirm=False)


def new_passphrase(out: Output, file: Path | None) -> str:
    """Take the passphrase of a new node; a question is asked twice.

    Raises:
        TacitError: USAGE where there is none, or it is too short.
    """
    return _long_enough(out, _given(file) or _asked(out, confirm=True))


def changed_passphrase(out: Output, file: Path | None) -> str:
    """Take the passphrase that is to open a node from now on: file, or a question asked twice.

    Raises:
        TacitError: USAGE where there is none, or it is too short.
    """
    if file is None and not sys.stdin.isatty():
        problem = out.text("The new passphrase is missing: use --new-passphrase-file.")
        raise TacitError(Code.USAGE, problem=problem)
    return _long_enough(out, first_line(file) if file else _asked(out, "New passphrase"))


def is_kept(home: Path) -> bool:
    """Say whether the system's keyring has the passphrase of this node."""
    return bool(_kept(home))


def _long_enough(out: Output, passphrase: str) -> str:
    if len(passphrase) < SHORTEST:
        raise TacitError(
            Code.USAGE,
            problem=out.text("The passphrase needs at least {n} characters.", n=SHORTEST),
        )
    return passphrase


def keep(home: Path, passphrase: str) -> None:
    """Put the passphrase into the system's keyring.

    Raises:
        TacitError: STORE_FAILED where the system has no usable keyring.
    """
    import keyring  # noqa: PLC0415 (slow to load, and most commands do not ask it)
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        keyring.set_password(SERVICE, str(home.resolve()), passphrase)
    except KeyringError as error:
        raise TacitError(Code.STORE_FAILED, problem="this system has no usable keyring") from error


def _given(file: Path | None) -> str:
    if file is not None:
        return first_line(file)
    return os.environ.get("TACIT_PASSPHRASE", "")


def _kept(home: Path) -> str:
    import keyring  # noqa: PLC0415
    from keyring.errors import KeyringError  # noqa: PLC0415

    try:
        return keyring.get_password(SERVICE, str(home.resolve())) or ""
    except KeyringError:
        return ""


def _asked(out: Output, question: str = "Passphrase", *, confirm: bool = True) -> str:
    if not sys.stdin.isatty():
        raise TacitError(
            Code.USAGE,
            problem=out.text(
                "A passphrase is needed: set TACIT_PASSPHRASE or use --passphrase-file."
            ),
        )
    answer: str = click.prompt(
        out.text(question),
        hide_input=True,
        confirmation_prompt=out.text("The same again") if confirm else False,
        err=True,
    )
    return answer
