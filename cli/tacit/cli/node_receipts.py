"""`tacit node receipts`: what the coordinator has confirmed in writing; also from a file of it."""

from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.nodes import open_node
from tacit.cli.options import EXISTING_FILE, node_options, read_text
from tacit.cli.output import Output, moment
from tacit.linkage.receipt_file import read_receipts
from tacit.node.client.retry import is_transient
from tacit.node.receipt_import import take_receipts
from tacit.node.receipts import ReceiptList, all_receipts

_KINDS = {
    "withdrawal": "records withdrawn",
    "destruction": "encodings destroyed",
    "key_destruction": "key destroyed",
}


@click.command(cls=Command)
@click.argument("project", required=False)
@click.option("--from", "file", type=EXISTING_FILE, metavar="FILE",
              help="Verify and keep what the coordinator's keeper wrote into FILE; asks nobody.")  # fmt: skip
@node_options
@click.pass_obj
def receipts(
    out: Output,
    project: str | None,
    file: Path | None,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """List the coordinator's receipts for what it erased, of PROJECT or all projects.

    New ones are fetched; while the coordinator is out of reach, those that are here are listed.
    Who has left the coalition gets the rest in a file, which the coordinator's keeper writes with
    `tacit coordinator receipts`.
    """
    with open_node(out, home, passphrase_file) as store:
        if file is None:
            found = all_receipts(store, project)
        else:
            copy = read_receipts(read_text(file), str(file))
            found = take_receipts(store, copy, str(file), project)
    show_receipts(out, found)


def show_receipts(out: Output, found: ReceiptList) -> None:
    """Show receipts."""
    complete = found.away is None and not (found.owed or found.foreign)
    out.document(
        {
            "receipts": found.receipts,
            "new": found.new,
            "complete": complete,
            "owed": found.owed,
            "foreign": found.foreign,
        }
    )
    _warn_of_missing(out, found)
    if not found.receipts:
        out.say("There are no receipts yet.")
        return
    out.table(
        "Receipts",
        ("Project", "Ledger entry", "Time", "Confirmed", "Records", "Epoch"),
        [
            (
                item.project,
                item.ledger_index,
                moment(item.at),
                out.text(_KINDS[item.kind]),
                item.records,
                item.epoch,
            )
            for item in found.receipts
        ],
    )
    out.say("`tacit ledger verify` holds them against the ledger.")


def _warn_of_missing(out: Output, found: ReceiptList) -> None:
    if found.away is not None:
        out.warn("Warning: {problem}", problem=found.away.sentence(out.language))
        if not is_transient(found.away):
            out.warn(
                "Ask the coordinator's keeper for the rest in a file, and take it in with"
                " `tacit node receipts --from FILE`."
            )
    if found.owed:
        out.warn(
            "{n} more were owed when the file was written, as encodings were still being erased."
            " Ask for the file again.",
            n=found.owed,
        )
    if found.foreign:
        out.warn(
            "{n} are about projects that this node does not know, and were left out.",
            n=found.foreign,
        )
