"""Verify the whole ledger, or a copy of it, against what this node has seen and done."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.ledger_audit import Audit, audit, compare
from tacit.linkage.ledger_copy import CopiedHead, LedgerCopy
from tacit.linkage.ledger_findings import Kind, LedgerFinding, finding
from tacit.linkage.paper import PaperHead, day_of
from tacit.node.client.retry import RetryPolicy
from tacit.node.context import Member, connect, load_member
from tacit.node.cosigning import agree_on_head
from tacit.node.ledger_reading import copy_ledger, receipts
from tacit.node.pinned_keys import pinned_keys
from tacit.node.store.base import Store
from tacit.node.store.ledger import list_evidence, list_tree_heads

Progress = Callable[[str, int, int], None]
"""Is told the stage ("read" or "verify"), how far it is, and of how much."""

THIS_NODE = "this node"


def _silent(_stage: str, _done: int, _total: int) -> None:
    pass


def verify_ledger(
    store: Store,
    papers: Sequence[PaperHead] = (),
    progress: Progress = _silent,
    policy: RetryPolicy | None = None,
) -> Audit:
    """Read the whole ledger and check it; where it is sound, cosign it.

    Args:
        store: this node's store.
        papers: heads that somebody kept.
        progress: is told how far it is.
        policy: how patiently to wait for a coordinator that is away.

    Raises:
        TacitError: PROOF_INVALID, LEDGER_FORKED, or what the connection raises.
    """
    member = load_member(store)
    with connect(store, policy) as session:
        copy = copy_ledger(
            session, store, member, lambda done, total: progress("read", done, total)
        )
        found = _verify(store, member, copy, papers, progress)
        try:
            agree_on_head(session, store, member, cosigning=found.sound)
        except TacitError as error:
            if found.sound or error.code not in (Code.PROOF_INVALID, Code.LEDGER_FORKED):
                raise
        return found


def read_ledger(store: Store, progress: Progress = _silent) -> LedgerCopy:
    """Read the whole ledger, to be kept or handed on; it is not checked.

    Raises:
        TacitError: PROOF_INVALID, or what the connection raises.
    """
    member = load_member(store)
    with connect(store) as session:
        return copy_ledger(
            session, store, member, lambda done, total: progress("read", done, total)
        )


def verify_copy(
    store: Store,
    copy: LedgerCopy,
    papers: Sequence[PaperHead] = (),
    progress: Progress = _silent,
) -> Audit:
    """Check a copy, also one that another member made, against what this node has seen.

    Raises:
        TacitError: NOT_ENROLLED.
    """
    member = load_member(store)
    # The copy may be older than what this node saw and did since: that cannot be held against it.
    size = len(copy.entries)
    own = [r for r in receipts(store, member) if r.index is not None and r.index < size]
    known = [r for r in own if r not in copy.receipts]
    whole = replace(copy, receipts=(*copy.receipts, *known))
    return _verify(store, member, whole, papers, progress, reach=size)


def _verify(
    store: Store,
    member: Member,
    copy: LedgerCopy,
    papers: Sequence[PaperHead],
    progress: Progress,
    *,
    reach: int | None = None,
) -> Audit:
    found = audit(copy, papers, lambda done, total: progress("verify", done, total))
    more = [*_own_view(store, member, found, reach), *_not_ours(store, member, found)]
    findings = sorted((*more, *found.findings), key=lambda item: item.remark)
    return replace(found, findings=tuple(findings))


def _own_view(
    store: Store, member: Member, found: Audit, reach: int | None
) -> Iterator[LedgerFinding]:
    """Hold what this node has seen against a copy; heads larger than `reach` do not count."""
    with store.read() as connection:
        seen = list_tree_heads(connection)
        evidence = list_evidence(connection)
    if found.copy.ledger_key != member.identity.ledger_key:
        yield finding(Kind.LEDGER_KEY)
        return
    heads = [CopiedHead(h.tree_size, h.timestamp, h.root, h.signature) for h in seen]
    yield from compare(
        found.tree, [head for head in heads if reach is None or head.size <= reach], THIS_NODE
    )
    for item in evidence:
        day = day_of(item.found_at).isoformat()
        said: dict[str, int | str] = {"size": item.tree_size, "day": day, "seen_by": item.seen_by}
        if item.settled_at:
            settled = day_of(item.settled_at).isoformat()
            yield finding(Kind.EVIDENCE_SETTLED, **said, settled=settled, note=item.note)
        else:
            yield finding(Kind.EVIDENCE, **said)
    for member_id, key in pinned_keys(store, member).items():
        known = found.entries.members.get(member_id)
        if known is not None and known.signing_key != key:
            yield finding(Kind.MEMBER_KEY, member=known.name)


def _not_ours(store: Store, member: Member, found: Audit) -> Iterator[LedgerFinding]:
    """Find checks that are said to be this node's; no signature stands under a check."""
    asked = {receipt.fields.get("check") for receipt in receipts(store, member)}
    for index, entry in found.entries.documents.items():
        mine = entry.get("type") == "check" and entry.get("member") == member.member_id
        if mine and entry.get("check") not in asked:
            yield finding(Kind.NOT_OURS, index=index, type="check")
