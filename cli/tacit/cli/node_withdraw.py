"""`tacit node withdraw` and `reinstate`: somebody takes back a consent, or gives it again."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from tacit.cli.command import Command
from tacit.cli.nodes import open_node
from tacit.cli.options import node_options
from tacit.cli.output import Output
from tacit.linkage.errors import Code, TacitError
from tacit.node.withdrawing import (
    Chosen,
    Withdrawn,
    choose_record,
    choose_token,
    reinstate,
    tell_coordinator,
    withdraw,
)

_only_project = click.option(
    "--project", "wanted", metavar="PROJECT", help="Only out of this project; else out of all."
)


@click.command("withdraw", cls=Command)
@click.argument("tokens", nargs=-1, metavar="[TOKEN]...")
@click.option("--record", "records", multiple=True, metavar="ID",
              help="Your own identifier of a record; may be repeated.")  # fmt: skip
@_only_project
@click.option("--yes", is_flag=True, help="Withdraw without being asked.")
@node_options
@click.pass_obj
def withdraw_command(
    out: Output,
    /,
    *,
    tokens: tuple[str, ...],
    records: tuple[str, ...],
    wanted: str | None,
    yes: bool,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Take records out of the linkage for good, because a consent was taken back.

    A TOKEN stands for a record in one project, and takes it out of that one. The coordinator
    erases what it holds and signs a receipt; while it is out of reach, that waits for the next
    `tacit node sync`. Other records marked as the same person go with it.
    """
    if not tokens and not records:
        problem = "Name a token, or a record with --record."
        raise TacitError(Code.USAGE, problem=problem)
    with open_node(out, home, passphrase_file) as store:
        chosen = [choose_token(store, token) for token in tokens]
        chosen += [choose_record(store, record, wanted) for record in records]
        _ask(out, chosen, yes=yes)
        withdraw(store, chosen)
        with out.progress("Telling the coordinator"):
            told = tell_coordinator(store)
    _show(out, chosen, told)


@click.command("reinstate", cls=Command)
@click.argument("record")
@_only_project
@node_options
@click.pass_obj
def reinstate_command(
    out: Output, record: str, wanted: str | None, home: Path | None, passphrase_file: Path | None
) -> None:
    """Let a withdrawn RECORD in again, from the next synchronisation on, under a new token."""
    with open_node(out, home, passphrase_file) as store:
        reinstate(store, record, wanted)
    out.document({"record": record})
    out.say("{record} may go in again; what was erased stays erased.", record=record)


def _ask(out: Output, chosen: Sequence[Chosen], *, yes: bool) -> None:
    names = sorted({record for item in chosen for record in item.records})
    if yes:
        return
    if out.json or not sys.stdin.isatty():
        raise TacitError(Code.USAGE, problem="Nobody can be asked here: use --yes to withdraw.")
    question = out.text("Withdraw {n} records for good: {names}?", n=len(names), names=", ".join(names))  # fmt: skip
    if not click.confirm(question, err=True):
        raise TacitError(Code.INTERRUPTED)


def _show(out: Output, chosen: Sequence[Chosen], told: Withdrawn) -> None:
    records = sorted({record for item in chosen for record in item.records})
    out.document(
        {
            "records": records,
            "encodings": sum(item.token_count for item in chosen),
            "receipts": [
                {
                    "project_id": receipt.project_id,
                    "ledger_index": receipt.ledger_index,
                    "entry": receipt.entry.decode(),
                    "signature": receipt.signature,
                }
                for receipt in told.receipts
            ],
            "waiting": told.waiting,
        }
    )
    out.say("Withdrawn: {names}.", names=", ".join(records))
    for receipt in told.receipts:
        out.say("The coordinator has erased it; ledger entry {n} is the receipt.", n=receipt.ledger_index)  # fmt: skip
    if told.away is not None:
        out.warn("Warning: {problem}", problem=told.away.sentence(out.language))
    if told.waiting:
        out.warn(
            "{n} withdrawals wait for the coordinator; the next `tacit node sync` sends them.",
            n=told.waiting,
        )
    out.say("What other members have fetched already is in their own hands: tell them too.")
