"""Options that several commands share, and the small files they read and write."""

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import platformdirs

from tacit.linkage.errors import Code, TacitError

F = TypeVar("F", bound=Callable[..., Any])

EXISTING_FILE = click.Path(exists=False, dir_okay=False, path_type=Path)
ANY_PATH = click.Path(path_type=Path)


def node_home(function: F) -> F:
    """Add `--home`, the folder of a node."""
    return click.option(
        "--home",
        type=ANY_PATH,
        envvar="TACIT_HOME",
        show_envvar=True,
        help="Folder of the node; else one in the user's data directory.",
    )(function)


def coordinator_home(function: F) -> F:
    """Add `--home`, the folder of a coordinator."""
    return click.option(
        "--home",
        type=ANY_PATH,
        envvar="TACIT_COORDINATOR_HOME",
        show_envvar=True,
        default=lambda: platformdirs.user_data_path("tacit", appauthor=False) / "coordinator",
        help="Folder of the coordinator; else one in the user's data directory.",
    )(function)


def passphrase_file(function: F) -> F:
    """Add `--passphrase-file`."""
    return click.option(
        "--passphrase-file",
        type=EXISTING_FILE,
        envvar="TACIT_PASSPHRASE_FILE",
        show_envvar=True,
        help="File whose first line is the passphrase; else TACIT_PASSPHRASE, the system's"
        " keyring, or a question.",
    )(function)


def project_option(function: F) -> F:
    """Add `--project`, by identifier or name; may be left out where there is one project."""
    return click.option(
        "--project",
        "wanted",
        metavar="PROJECT",
        envvar="TACIT_PROJECT",
        show_envvar=True,
        help="Identifier or name of the project; not needed where there is only one.",
    )(function)


def node_options(function: F) -> F:
    """Add what every command that opens a node needs."""
    return node_home(passphrase_file(function))


def read_text(path: Path) -> str:
    """Read a small UTF-8 file.

    Raises:
        TacitError: NOT_FOUND or BAD_INPUT, naming the file.
    """
    try:
        return path.read_text("utf-8-sig")
    except FileNotFoundError as error:
        raise TacitError(Code.NOT_FOUND, what=f"file '{path}'") from error
    except (OSError, UnicodeDecodeError) as error:
        raise TacitError(
            Code.BAD_INPUT, where=str(path), problem="it cannot be read as UTF-8 text"
        ) from error


def first_line(path: Path) -> str:
    """Read the first line of a small file that holds a secret.

    Raises:
        TacitError: NOT_FOUND or BAD_INPUT.
    """
    lines = read_text(path).splitlines()
    if not lines or not lines[0].strip():
        raise TacitError(Code.BAD_INPUT, where=str(path), problem="the first line is empty")
    return lines[0].strip()


def refuse_existing(path: Path | None, *, force: bool = False) -> None:
    """Say that a file exists before anything is spent on what it would hold.

    Raises:
        TacitError: EXISTS.
    """
    if path is not None and path.exists() and not force:
        raise TacitError(Code.EXISTS, what=f"'{path}'")


def write_new(path: Path, text: str, *, force: bool = False) -> None:
    """Write a UTF-8 file in one step, not over an existing one unless forced.

    Raises:
        TacitError: EXISTS, or BAD_INPUT where the place cannot be written.
    """
    refuse_existing(path, force=force)
    try:
        if path.exists() and not path.is_file():
            # A pipe or a device takes the place of nothing.
            path.write_text(text, "utf-8", newline="")
        else:
            _write_whole(path, text, force=force)
    except FileExistsError as error:
        raise TacitError(Code.EXISTS, what=f"'{path}'") from error
    except OSError as error:
        raise TacitError(Code.BAD_INPUT, where=str(path), problem="it cannot be written") from error


def _write_whole(path: Path, text: str, *, force: bool) -> None:
    """Write beside the file and put it in its place once it is whole."""
    target = path.resolve() if force else path
    draft = target.with_name(f".tacit-{secrets.token_hex(8)}.part")
    try:
        with draft.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        if force:
            if target.exists():
                shutil.copymode(target, draft)
            draft.replace(target)
        else:
            _place(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def _place(draft: Path, target: Path) -> None:
    """Give a file its name, unless somebody else has taken it meanwhile."""
    try:
        target.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError:
        # This file system has no second names.
        if target.exists():
            raise FileExistsError(target) from None
        draft.replace(target)
