"""`tacit coordinator receipts`: a member's receipts in a file, also of a member who has left."""

from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.coordinator_options import key_passphrase, key_passphrase_file
from tacit.cli.options import ANY_PATH, coordinator_home, refuse_existing, write_new
from tacit.cli.output import Output
from tacit.coordinator.home import open_home
from tacit.coordinator.receipt_export import export_receipts
from tacit.linkage.receipt_file import write_receipts


@click.command(cls=Command)
@click.argument("member")
@click.option("-o", "--out", "target", type=ANY_PATH, metavar="FILE", required=True,
              help="File to write.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite the file.")
@key_passphrase_file
@coordinator_home
@click.pass_obj
def receipts(
    out: Output,
    /,
    *,
    member: str,
    target: Path,
    force: bool,
    passphrase_file: Path | None,
    home: Path,
) -> None:
    """Write all receipts of MEMBER, by name or identifier, into a file for its node.

    Whatever its standing: who has left or was shut out can fetch none any more, and takes them in
    with `tacit node receipts --from FILE`. The file names no person and no record.
    """
    refuse_existing(target, force=force)
    found = export_receipts(open_home(home), member, key_passphrase(passphrase_file))
    write_new(target, write_receipts(found.file), force=force)
    number, owed = len(found.file.receipts), found.file.owed
    out.document(
        {
            "file": target,
            "member": found.member.name,
            "member_id": found.member.id,
            "standing": found.member.standing,
            "receipts": number,
            "owed": owed,
        }
    )
    out.say("Wrote {path}.", path=target)
    out.say("{n} receipts of {member}.", n=number, member=found.member.name)
    if owed:
        out.warn(
            "{n} more are owed: encodings of this member are not all erased yet. The running"
            " coordinator does so; write the file again in a minute.",
            n=owed,
        )
