"""How a ledger that was checked is shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tacit.cli.output import Output, moment
from tacit.linkage.ledger_audit import Audit, count_types
from tacit.linkage.ledger_copy import CopiedHead
from tacit.linkage.paper import put_on_paper
from tacit.node.keys import fingerprint


@dataclass(frozen=True, slots=True)
class LedgerView:
    """A checked ledger and where it came from: a file's name, or empty for the coordinator."""

    source: str
    audit: Audit


def show_head(
    out: Output, ledger_key: bytes, head: CopiedHead, agreeing: Sequence[str] = ()
) -> None:
    """Show a head, with its form for paper."""
    out.document({**_head(ledger_key, head), "agreeing": agreeing})
    out.say("Ledger of {size} entries, {time}.", size=head.size, time=moment(head.timestamp))
    out.say("Root: {root}", root=head.root.hex())
    if agreeing:
        out.say("Cosigned by you; {members} agree.", members=", ".join(agreeing))
    out.say("For paper: {paper}", paper=_paper(ledger_key, head))


def view_document(out: Output, view: LedgerView) -> dict[str, Any]:
    """Give what `--json` says about a checked ledger."""
    found = view.audit
    return {
        "source": view.source or "coordinator",
        "sound": found.sound,
        "ledger_key": found.copy.ledger_key,
        "entries": len(found.copy.entries),
        "types": count_types(found.entries),
        "heads": len(found.copy.heads),
        "head": _head(found.copy.ledger_key, found.head) if found.head else None,
        "receipts": len(found.copy.receipts),
        "members": [
            {
                "member_id": item.member.member_id,
                "name": item.member.name,
                "signing_key": item.member.signing_key,
                "cosigned_size": item.size,
                "cosigned_at": item.cosigned_at,
                "silent": found.is_silent(item),
            }
            for item in found.witnesses
        ],
        "findings": [
            {
                "kind": item.kind.value,
                "message": item.sentence(out.language),
                "remark": item.remark,
                **item.params,
            }
            for item in found.findings
        ],
    }


def show_view(out: Output, view: LedgerView) -> None:
    """Show a checked ledger to people."""
    found = view.audit
    if view.source:
        out.heading("{name}", name=view.source)
    out.table("Entries", ("Type", "Entries"), list(count_types(found.entries).items()))
    out.table(
        "Members",
        ("Member", "Cosigned entries", "Cosigned at", "Signing key"),
        [
            (
                item.member.name,
                item.size,
                moment(item.cosigned_at),
                fingerprint(item.member.signing_key),
            )
            for item in found.witnesses
        ],
    )
    silent = [item.member.name for item in found.witnesses if found.is_silent(item)]
    if silent:
        out.say(
            "Not cosigned for a week by: {members}. Compare `tacit ledger head` by telephone.",
            members=", ".join(silent),
        )
    out.say("The ledger's key: {key}", key=fingerprint(found.copy.ledger_key))
    if found.copy.receipts:
        out.say("{n} entries are held against receipts.", n=len(found.copy.receipts))
    if found.head is not None:
        out.say("For paper: {paper}", paper=_paper(found.copy.ledger_key, found.head))
    for item in found.findings:
        out.say("- {sentence}", sentence=item.sentence(out.language))


def _head(ledger_key: bytes, head: CopiedHead) -> dict[str, object]:
    return {
        "size": head.size,
        "timestamp": head.timestamp,
        "root": head.root,
        "signature": head.signature,
        "paper": _paper(ledger_key, head),
    }


def _paper(ledger_key: bytes, head: CopiedHead) -> str:
    return put_on_paper(ledger_key, head.size, head.timestamp, head.root).text
