"""`tacit ledger`: read, keep and verify the coalition's ledger, with or without the coordinator."""

import sys
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path

import click
from cryptography.hazmat.primitives.serialization import Encoding

from tacit.cli.command import Group
from tacit.cli.coordinator_options import key_passphrase
from tacit.cli.ledger_view import LedgerView, show_head, show_view, view_document
from tacit.cli.nodes import open_node
from tacit.cli.options import (
    ANY_PATH,
    EXISTING_FILE,
    node_options,
    read_text,
    refuse_existing,
    write_new,
)
from tacit.cli.output import Output, moment
from tacit.coordinator.backend import milliseconds
from tacit.coordinator.home import open_home
from tacit.coordinator.ledger_export import export_ledger
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.ledger_audit import audit, compare_copies
from tacit.linkage.ledger_copy import CopiedHead, LedgerCopy, read_copy, write_copy
from tacit.linkage.ledger_findings import LedgerFinding
from tacit.linkage.paper import PaperHead, read_paper
from tacit.node.head import kept_head, newest_head
from tacit.node.ledger_settling import open_evidence, settle_fork
from tacit.node.ledger_verify import read_ledger, verify_copy, verify_ledger

EXIT_UNSOUND = 9
"""What does not verify, as for `PROOF_INVALID`."""

_papers = click.option(
    "--head",
    "papers",
    multiple=True,
    metavar="PAPER",
    help="A head that somebody kept on paper, as `tacit ledger head` prints it; may be repeated.",
)


@click.group(cls=Group)
def ledger() -> None:
    """Read, keep and verify the coalition's ledger, with or without the coordinator."""


@ledger.command()
@click.option("--file", "file", type=EXISTING_FILE, help="Of an exported ledger instead.")
@click.option("--offline", is_flag=True, help="Of the largest ledger this node has seen.")
@node_options
@click.pass_obj
def head(
    out: Output, file: Path | None, offline: bool, home: Path | None, passphrase_file: Path | None
) -> None:
    """Print the ledger's head in a form to keep on paper, after checking and cosigning it."""
    if file is not None:
        copy = read_copy(read_text(file), str(file))
        if not copy.heads:
            raise TacitError(Code.NOT_FOUND, what="tree head")
        show_head(out, copy.ledger_key, copy.heads[-1])
        return
    with open_node(out, home, passphrase_file) as store:
        seen = kept_head(store) if offline else newest_head(store)
    found = seen.head
    as_copied = CopiedHead(found.tree_size, found.timestamp, found.root, found.signature)
    show_head(out, seen.ledger_key, as_copied, seen.agreeing)


@ledger.command()
@click.argument("file", type=ANY_PATH)
@click.option("--coordinator", type=ANY_PATH, metavar="FOLDER",
              help="Export from a coordinator's home, instead of over this node's connection.")  # fmt: skip
@click.option("--force", is_flag=True, help="Overwrite the file.")
@node_options
@click.pass_obj
def export(
    out: Output,
    /,
    *,
    file: Path,
    coordinator: Path | None,
    force: bool,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Write the whole ledger to FILE: entries, heads, cosignatures and proofs.

    The file says who joined, agreed, uploaded, ran, asked and published, when and how much, and
    nothing about any person.
    """
    refuse_existing(file, force=force)
    with out.progress("Reading the ledger") as advance:
        if coordinator is not None:
            copy = _from_coordinator(coordinator)
        else:
            with open_node(out, home, passphrase_file) as store:
                copy = read_ledger(store, lambda _stage, done, total: advance(done, total))
    write_new(file, write_copy(copy), force=force)
    out.document({"file": file, "entries": len(copy.entries), "heads": len(copy.heads)})
    out.say("Wrote {path}.", path=file)
    out.say("{entries} entries, {heads} signed heads.", entries=len(copy.entries), heads=len(copy.heads))  # fmt: skip


@ledger.command()
@click.option("--file", "files", type=EXISTING_FILE, multiple=True,
              help="Verify an exported ledger, without any network; several are also compared.")  # fmt: skip
@_papers
@click.option("--compare", is_flag=True,
              help="Hold the files against what this node has seen, too.")  # fmt: skip
@node_options
@click.pass_obj
def verify(
    out: Output,
    /,
    *,
    files: tuple[Path, ...],
    papers: tuple[str, ...],
    compare: bool,
    home: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Check every entry, head, signature and receipt; exit code 9 where something is wrong."""
    heads = [read_paper(paper) for paper in papers]
    if compare and not files:
        raise TacitError(Code.USAGE, problem="--compare needs --file.")
    if files:
        views = _files(out, files, heads, (home, passphrase_file) if compare else None)
    else:
        views = [_live(out, heads, home, passphrase_file)]
    parted = _parted([view.audit.copy for view in views])
    sound = not parted and all(view.audit.sound for view in views)
    out.document(
        {
            "sound": sound,
            "ledgers": [view_document(out, view) for view in views],
            "differences": [found.sentence(out.language) for found in parted],
        }
    )
    for view in views:
        show_view(out, view)
    for found in parted:
        out.say("{problem}", problem=found.sentence(out.language))
    if sound:
        out.say("Everything verifies.")
        return
    out.warn("The ledger does not verify. Do not trust it; tell the other members.")
    click.get_current_context().exit(EXIT_UNSOUND)


@ledger.command("settle-fork")
@click.option("--note", required=True, help="What people found out about it, in a sentence.")
@click.option("--yes", is_flag=True, help="Settle it without being asked.")
@node_options
@click.pass_obj
def settle(
    out: Output, note: str, yes: bool, home: Path | None, passphrase_file: Path | None
) -> None:
    """Call a fork explained that is over: it stays on record, and no longer fails `verify`.

    For when the members have compared their heads, agree on one history, and know how the other
    came about. The ledger is verified first, and has to be whole.
    """
    with open_node(out, home, passphrase_file) as store:
        for item in open_evidence(store):
            out.say(
                "On {day}: a head of {size} entries, shown by {name}.",
                day=moment(item.found_at), size=item.tree_size, name=item.seen_by,
            )  # fmt: skip
        if not yes:
            _ask_to_settle(out)
        with out.progress("Verifying the ledger") as advance:
            done = settle_fork(store, note, lambda _stage, done, total: advance(done, total))
    out.document({"settled": done, "note": note.strip()})
    out.say("Settled; {n} contradicting heads stay on record with your note.", n=done)


def _ask_to_settle(out: Output) -> None:
    if out.json or not sys.stdin.isatty():
        raise TacitError(Code.USAGE, problem="Nobody can be asked here: use --yes.")
    question = out.text("Have all members compared their heads, and agree?")
    if not click.confirm(question, err=True):
        raise TacitError(Code.INTERRUPTED)


def _live(
    out: Output, papers: Sequence[PaperHead], home: Path | None, passphrase_file: Path | None
) -> LedgerView:
    with (
        open_node(out, home, passphrase_file) as store,
        out.progress("Verifying the ledger") as advance,
    ):
        found = verify_ledger(store, papers, lambda _stage, done, total: advance(done, total))
    return LedgerView("", found)


def _files(
    out: Output,
    files: Sequence[Path],
    papers: Sequence[PaperHead],
    node: tuple[Path | None, Path | None] | None,
) -> list[LedgerView]:
    copies = [read_copy(read_text(file), str(file)) for file in files]
    names = [str(file) for file in files]
    with out.progress("Verifying the ledger") as advance:
        if node is None:
            audits = [audit(copy, papers, advance) for copy in copies]
        else:
            with open_node(out, *node) as store:
                audits = [
                    verify_copy(
                        store, copy, papers, lambda _stage, done, total: advance(done, total)
                    )
                    for copy in copies
                ]
    return [LedgerView(*pair) for pair in zip(names, audits, strict=True)]


def _parted(copies: Sequence[LedgerCopy]) -> list[LedgerFinding]:
    return [
        found
        for first, second in combinations(copies, 2)
        for found in compare_copies(first, second)
    ]


def _from_coordinator(path: Path) -> LedgerCopy:
    found = open_home(path)
    key = found.read_ledger_key(key_passphrase(None))
    authority = found.authority_certificate().public_bytes(Encoding.DER)
    store = found.open_store()
    try:
        return export_ledger(store, key, authority, milliseconds())
    finally:
        store.close()
