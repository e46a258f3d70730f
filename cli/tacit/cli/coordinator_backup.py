"""`tacit coordinator backup` and `restore`."""

import os
import sys
from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.coordinator_options import database_file as database_option
from tacit.cli.coordinator_options import key_passphrase, key_passphrase_file
from tacit.cli.options import EXISTING_FILE, coordinator_home, first_line, refuse_existing
from tacit.cli.output import Output, moment
from tacit.coordinator.backup.container import is_encrypted
from tacit.coordinator.backup.restore import refuse_existing as refuse_existing_home
from tacit.coordinator.backup.restore import restore as restore_backup
from tacit.coordinator.backup.verify import Summary, verify_backup
from tacit.coordinator.backup.write import back_up
from tacit.coordinator.home import open_home
from tacit.linkage.errors import Code, TacitError

_backup_passphrase_file = click.option(
    "--backup-passphrase-file",
    type=EXISTING_FILE,
    envvar="TACIT_BACKUP_PASSPHRASE_FILE",
    show_envvar=True,
    help="File whose first line encrypts the backup; else TACIT_BACKUP_PASSPHRASE or a question.",
)
_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(cls=Command)
@click.argument("file", type=_FILE)
@_backup_passphrase_file
@click.option("--unencrypted", is_flag=True,
              help="Leave the backup in the clear, readable by you only.")  # fmt: skip
@key_passphrase_file
@coordinator_home
@click.pass_obj
def backup(
    out: Output,
    /,
    *,
    file: Path,
    backup_passphrase_file: Path | None,
    unencrypted: bool,
    passphrase_file: Path | None,
    home: Path,
) -> None:
    """Write everything of the coordinator into FILE, while it runs, and verify it.

    Database, configuration, the authority's and the ledger's keys, as of one moment. FILE can be
    restored into SQLite or PostgreSQL, whichever it comes from.
    """
    found = open_home(home)
    refuse_existing(file)
    passphrase = _protection(out, backup_passphrase_file, unencrypted=unencrypted)
    with out.progress("Writing the backup") as advance:
        made = back_up(found, file, passphrase, key_passphrase(passphrase_file), advance)
    _show(out, file, made)
    if made.encrypted:
        out.say("The backup is encrypted. Without its passphrase nobody can restore it.")
    elif not out.json:
        out.warn(
            "The backup is NOT encrypted: it holds the coalition's private keys and all"
            " encodings. Whoever reads it can pass for the coordinator. Keep it as you keep"
            " those keys."
        )


@click.command(cls=Command)
@click.argument("file", type=_FILE)
@click.option("--check", is_flag=True, help="Verify FILE and restore nothing.")
@_backup_passphrase_file
@database_option
@coordinator_home
@click.pass_obj
def restore(
    out: Output,
    /,
    *,
    file: Path,
    check: bool,
    backup_passphrase_file: Path | None,
    database_file: Path | None,
    home: Path,
) -> None:
    """Make a coordinator again from the backup FILE; nothing that exists is overwritten.

    Every checksum, every entry of the ledger and every signed head is verified first.
    """
    if not check:
        refuse_existing_home(home)
    passphrase = None
    if is_encrypted(file):
        passphrase = _secret(out, backup_passphrase_file, confirm=False)
    if check:
        _show(out, file, verify_backup(file, passphrase))
        return
    database = first_line(database_file) if database_file else ""
    with out.progress("Restoring") as advance:
        made = restore_backup(file, passphrase, home, database, advance)
    _show(out, file, made)
    out.say(
        "The coordinator is restored in {home}. See that the old one never runs again: two would"
        " show members two histories.",
        home=home,
    )
    out.say(
        "Members' nodes refuse a ledger that is shorter than what they have seen: if this backup"
        " is older than that, tell them first."
    )


def _show(out: Output, file: Path, made: Summary) -> None:
    out.document({"file": file, **{name: getattr(made, name) for name in Summary.__slots__}})
    out.say(
        "{path}: {rows} rows in {tables} tables, of {time}. The ledger's {n} entries verify; root"
        " {root}.",
        path=file,
        rows=f"{sum(made.rows.values()):,}",
        tables=len(made.rows),
        time=moment(made.created),
        n=made.ledger_size,
        root=made.ledger_root.hex(),
    )


def _protection(out: Output, file: Path | None, *, unencrypted: bool) -> str | None:
    if not unencrypted:
        return _secret(out, file, confirm=True)
    if file is not None:
        problem = "Choose either a backup passphrase or --unencrypted."
        raise TacitError(Code.USAGE, problem=problem)
    return None


def _secret(out: Output, file: Path | None, *, confirm: bool) -> str:
    given = first_line(file) if file else os.environ.get("TACIT_BACKUP_PASSPHRASE", "")
    if given:
        return given
    if not sys.stdin.isatty():
        raise TacitError(
            Code.USAGE,
            problem=out.text(
                "A backup passphrase is needed: set TACIT_BACKUP_PASSPHRASE, use"
                " --backup-passphrase-file, or say --unencrypted."
            ),
        )
    answer: str = click.prompt(
        out.text("Backup passphrase"),
        hide_input=True,
        confirmation_prompt=out.text("The same again") if confirm else False,
        err=True,
    )
    return answer
