"""`tacit node backup`, `restore` and `passphrase`: keep a node from being lost, or locked out of."""

from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.options import EXISTING_FILE, node_options, refuse_existing
from tacit.cli.output import Output, moment
from tacit.cli.passphrase import changed_passphrase, existing_passphrase, is_kept, keep
from tacit.linkage.errors import Code, TacitError
from tacit.node.backup import NodeBackup, back_up_node, restore_node, verify_node_backup
from tacit.node.home import Home, find_home
from tacit.node.store.base import change_passphrase, open_store

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(cls=Command)
@click.argument("file", type=_FILE)
@node_options
@click.pass_obj
def backup(out: Output, file: Path, home: Path | None, passphrase_file: Path | None) -> None:
    """Copy the whole node into FILE, encrypted as the store is, and verify it."""
    found = _existing(home)
    refuse_existing(file)
    secret = existing_passphrase(out, found.path, passphrase_file)
    with out.progress("Writing the backup") as advance:
        made = back_up_node(found, secret, file, advance)
    _show(out, file, made)
    out.say("The backup is encrypted as the store is: it opens with today's passphrase, and with no other.")  # fmt: skip


@click.command(cls=Command)
@click.argument("file", type=_FILE)
@click.option("--check", is_flag=True, help="Verify FILE and restore nothing.")
@node_options
@click.pass_obj
def restore(
    out: Output, file: Path, check: bool, home: Path | None, passphrase_file: Path | None
) -> None:
    """Make a node again from the backup FILE; nothing that exists is overwritten.

    The passphrase is the one that opened the node when the backup was made.
    """
    found = find_home(home)
    if found.exists and not check:
        raise TacitError(Code.EXISTS, what=f"A node in {found.path}")
    if not file.exists():
        raise TacitError(Code.NOT_FOUND, what=f"file '{file}'")
    secret = existing_passphrase(out, found.path, passphrase_file)
    if check:
        _show(out, file, verify_node_backup(file, secret))
        return
    with out.progress("Restoring") as advance:
        made = restore_node(file, secret, found, advance)
    _show(out, file, made)
    out.say("The node is restored in {home}. See that the old one never runs again.", home=found.path)  # fmt: skip
    out.say("`tacit node sync` fetches what has happened since.")


@click.command(cls=Command)
@click.option("--new-passphrase-file", type=EXISTING_FILE,
              help="File whose first line is the new passphrase; else a question.")  # fmt: skip
@click.option("--keyring", is_flag=True, help="Keep the new passphrase in the system's keyring.")
@node_options
@click.pass_obj
def passphrase(
    out: Output,
    new_passphrase_file: Path | None,
    keyring: bool,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Change the passphrase that opens the node; a kept one in the keyring changes with it."""
    found = _existing(home)
    old = existing_passphrase(out, found.path, passphrase_file)
    # A mistake in the old one is told before a new one is asked for.
    open_store(found, old).close()
    kept = is_kept(found.path)
    new = changed_passphrase(out, new_passphrase_file)
    change_passphrase(found, old, new)
    if keyring or kept:
        keep(found.path, new)
    out.document({"home": found.path, "keyring": keyring or kept})
    out.say(
        "The passphrase is changed. Backups made before still open with the old one: make a new"
        " backup, and destroy those if the old passphrase is known to anybody."
    )


def _existing(home: Path | None) -> Home:
    found = find_home(home)
    if not found.exists:
        raise TacitError(Code.NOT_FOUND, what=f"node in {found.path}; run `tacit node init`")
    return found


def _show(out: Output, file: Path, made: NodeBackup) -> None:
    out.document({"file": file, **{name: getattr(made, name) for name in NodeBackup.__slots__}})
    out.say(
        "{path}: {size} bytes of store, of {time}. Its checksums hold, and the passphrase opens it.",
        path=file,
        size=f"{made.store_bytes:,}",
        time=moment(made.created),
    )
