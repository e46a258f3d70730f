"""Check a copy of a ledger from outside: nothing is taken on the coordinator's word.

What the entries say of each other is `ledger_entries`; this module is about the tree, the heads
over it, and who cosigned them.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from tacit.linkage import merkle, statements
from tacit.linkage.canonical import canonical
from tacit.linkage.entry_rules import EnrolledMember
from tacit.linkage.ledger_copy import CopiedHead, LedgerCopy, tree_of
from tacit.linkage.ledger_entries import Entries, read_entries
from tacit.linkage.ledger_findings import Kind, LedgerFinding, finding
from tacit.linkage.merkle_tree import MerkleTree
from tacit.linkage.paper import PaperHead, day_of
from tacit.linkage.signing import verifies

CLOCK_TOLERANCE = 120_000
"""How far times may go back, milliseconds: clocks are set right, and calls overtake each other."""

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Witness:
    """How far a member has confirmed the ledger.

    Attributes:
        member: as the ledger has it.
        size: of the largest head it cosigned; 0 where it cosigned none.
        cosigned_at: when, by its own clock, milliseconds; 0 likewise.
    """

    member: EnrolledMember
    size: int
    cosigned_at: int


SILENCE = 7 * 24 * 60 * 60 * 1000
"""How old a member's last cosignature may be, milliseconds, before its silence is worth a call."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What came of checking a copy.

    Attributes:
        copy: what was checked.
        entries: what its entries say.
        tree: over the entries.
        witnesses: every member, in the order in which they enrolled.
        findings: what is wrong, then what is merely worth saying.
    """

    copy: LedgerCopy
    entries: Entries
    tree: MerkleTree
    witnesses: tuple[Witness, ...]
    findings: tuple[LedgerFinding, ...]

    @property
    def sound(self) -> bool:
        """Whether everything verifies."""
        return all(found.remark for found in self.findings)

    def is_silent(self, witness: Witness) -> bool:
        """Say whether a member has not confirmed the newest entries, nor anything lately.

        That is how it looks where its signatures are held back, too.
        """
        return (
            witness.member.member_id not in self.entries.ended
            and witness.size < len(self.tree)
            and witness.cosigned_at < self.copy.copied_at - SILENCE
        )

    @property
    def head(self) -> CopiedHead | None:
        """The largest head."""
        return self.copy.heads[-1] if self.copy.heads else None


def audit(
    copy: LedgerCopy,
    papers: Sequence[PaperHead] = (),
    progress: Progress = lambda _done, _total: None,
) -> Audit:
    """Check everything that can be checked without knowing more than the copy.

    Args:
        copy: what somebody was shown.
        papers: heads that somebody kept.
        progress: is told how many entries of how many are read.
    """
    tree = tree_of(copy.entries)
    entries = read_entries(copy.entries, copy.authority, CLOCK_TOLERANCE, progress)
    found = [
        *entries.findings,
        *_heads(copy, tree, entries.times),
        *_growth(copy),
        *_cosignatures(copy, entries.members),
        *(item for paper in papers for item in _paper(copy, tree, entries.times, paper)),
        *_receipts(copy, entries),
    ]
    found.sort(key=lambda item: item.remark)
    return Audit(copy, entries, tree, _witnesses(copy, entries.members), tuple(found))


def compare(tree: MerkleTree, heads: Sequence[CopiedHead], seen_by: str) -> Iterator[LedgerFinding]:
    """Hold heads that somebody else saw, or saw earlier, against a tree."""
    for head in heads:
        if head.size > len(tree):
            yield finding(Kind.SEEN_SIZE, size=head.size, entries=len(tree), seen_by=seen_by)
        elif tree.root(head.size) != head.root:
            yield finding(Kind.SEEN_HEAD, size=head.size, seen_by=seen_by)


def compare_copies(first: LedgerCopy, second: LedgerCopy) -> Iterator[LedgerFinding]:
    """Find where two copies tell different histories; one may be longer than the other."""
    if first.ledger_key != second.ledger_key:
        yield finding(Kind.LEDGER_KEY)
        return
    pairs = enumerate(zip(first.entries, second.entries, strict=False))
    parting = next((index for index, (left, right) in pairs if left != right), None)
    if parting is not None:
        yield finding(Kind.PARTING, index=parting)
    ours = {head.size: _signed(head) for head in first.heads}
    for head in second.heads:
        if ours.get(head.size, _signed(head)) != _signed(head):
            yield finding(Kind.FORK, size=head.size)


def _signed(head: CopiedHead) -> tuple[int, bytes]:
    return head.timestamp, head.root


def _statement(head: CopiedHead) -> bytes:
    return statements.tree_head(head.size, head.timestamp, head.root)


def _heads(copy: LedgerCopy, tree: MerkleTree, times: Sequence[int]) -> Iterator[LedgerFinding]:
    for head in copy.heads:
        if not verifies(copy.ledger_key, head.signature, _statement(head)):
            yield finding(Kind.HEAD_SIGNATURE, size=head.size)
        if head.size > len(tree):
            yield finding(Kind.HEAD_SIZE, size=head.size, entries=len(tree))
        elif tree.root(head.size) != head.root:
            yield finding(Kind.HEAD_ROOT, size=head.size)
    uncovered = len(tree) - max((head.size for head in copy.heads), default=0)
    if uncovered > 0:
        yield finding(Kind.HEAD_MISSING, entries=uncovered)
    yield from _dates(copy.heads, times)


def _dates(heads: Sequence[CopiedHead], times: Sequence[int]) -> Iterator[LedgerFinding]:
    """Find heads that are dated before what they hold, and sizes that were signed twice."""
    newest = [0, *accumulate(times, max)]
    known: dict[int, CopiedHead] = {}
    latest = 0
    for head in sorted(heads, key=lambda head: head.size):
        latest = max(latest, newest[min(head.size, len(times))])
        if head.timestamp < latest - CLOCK_TOLERANCE:
            yield finding(Kind.HEAD_ORDER, size=head.size)
        latest = max(latest, head.timestamp)
        if _signed(known.setdefault(head.size, head)) != _signed(head):
            yield finding(Kind.FORK, size=head.size)


def _growth(copy: LedgerCopy) -> Iterator[LedgerFinding]:
    for number, (before, after) in enumerate(pairwise(copy.heads)):
        path = copy.growth[number] if number < len(copy.growth) else ()
        if not merkle.verify_consistency(before.size, after.size, path, before.root, after.root):
            yield finding(Kind.GROWTH, size=after.size)


def _cosignatures(
    copy: LedgerCopy, members: Mapping[str, EnrolledMember]
) -> Iterator[LedgerFinding]:
    for head in copy.heads:
        for item in head.cosignatures:
            member = members.get(item.member_id)
            statement = statements.cosigned_head(
                copy.ledger_key, _statement(head), item.member_id, item.cosigned_at
            )
            if member is None or not verifies(member.signing_key, item.signature, statement):
                name = member.name if member else item.member_id
                yield finding(Kind.COSIGNATURE, member=name, size=head.size)


def _paper(
    copy: LedgerCopy, tree: MerkleTree, times: Sequence[int], paper: PaperHead
) -> Iterator[LedgerFinding]:
    if paper.size > len(tree):
        yield finding(Kind.PAPER_SIZE, size=paper.size, entries=len(tree))
        return
    if not paper.is_of(copy.ledger_key, tree.root(paper.size)):
        yield finding(Kind.PAPER_ROOT, size=paper.size)
    days = [day_of(head.timestamp) for head in copy.heads if head.size == paper.size]
    later = any(day_of(time - CLOCK_TOLERANCE) > paper.day for time in times[: paper.size])
    if later or (days and paper.day not in days):
        yield finding(Kind.PAPER_DAY, size=paper.size, day=paper.day.isoformat())


def _receipts(copy: LedgerCopy, entries: Entries) -> Iterator[LedgerFinding]:
    held = [item for item in copy.receipts if item.index is None]
    for receipt in copy.receipts:
        if receipt.index is not None:
            entry = entries.documents.get(receipt.index, {})
            wrong = [name for name, value in receipt.fields.items() if entry.get(name) != value]
            if wrong:
                yield finding(Kind.RECEIPT, index=receipt.index, field=wrong[0])
    # Read once for all of them, since a ledger may be long.
    wanted = {canonical(dict(item.fields)): item for item in held}
    shapes = {tuple(item.fields) for item in held}
    for document in entries.documents.values():
        for shape in shapes:
            if all(name in document for name in shape):
                wanted.pop(canonical({name: document[name] for name in shape}), None)
    for item in wanted.values():
        names = [str(value) for name, value in sorted(item.fields.items()) if name != "type"]
        kind = str(item.fields.get("type", ""))
        yield finding(Kind.RECEIPT_GONE, type=kind, name=", ".join(names))


def _witnesses(copy: LedgerCopy, members: Mapping[str, EnrolledMember]) -> tuple[Witness, ...]:
    newest: dict[str, tuple[int, int]] = {}
    for head in copy.heads:
        for item in head.cosignatures:
            newest[item.member_id] = max(
                newest.get(item.member_id, (0, 0)), (head.size, item.cosigned_at)
            )
    return tuple(
        Witness(member, *newest.get(member.member_id, (0, 0))) for member in members.values()
    )


def count_types(entries: Entries) -> Mapping[str, int]:
    """Count the entries of each type, the most frequent first."""
    kinds = Counter(str(document.get("type", "")) for document in entries.documents.values())
    return dict(kinds.most_common())
