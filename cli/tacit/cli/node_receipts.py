"""`tacit node receipts`: what the coordinator has confirmed in writing."""

from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.nodes import open_node
from tacit.cli.options import node_options
from tacit.cli.output import Output, moment
from tacit.node.receipts import ReceiptList, all_receipts

_KINDS = {
    "withdrawal": "records withdrawn",
    "destruction": "encodings destroyed",
    "key_destruction": "key destroyed",
}


@click.command(cls=Command)
@click.argument("project", required=False)
@node_options
@click.pass_obj
def receipts(
    out: Output, project: str | None, home: Path | None, passphrase_file: Path | None
) -> None:
    """List the coordinator's receipts for what it erased, of PROJECT or all projects.

    New ones are fetched; while the coordinator is out of reach, those that are here are listed.
    """
    with open_node(out, home, passphrase_file) as store:
        found = all_receipts(store, project)
    show_receipts(out, found)


def show_receipts(out: Output, found: ReceiptList) -> None:
    """Show receipts."""
    complete = found.away is None
    out.document({"receipts": found.receipts, "new": found.new, "complete": complete})
    if found.away is not None:
        out.warn("Warning: {problem}", problem=found.away.sentence(out.language))
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
