"""Settle a fork that is over: what was found stays, and later ones can be told from it.

A node that was once shown a contradicting head would say so for ever, and whoever hears the same
alarm each week hears no other. People who have found out how it came about, such as a backup that
was served for an hour, write that down. Only a fork that is over can be settled.
"""

from tacit.linkage.errors import Code, TacitError
from tacit.linkage.ledger_findings import Kind
from tacit.node.client.retry import RetryPolicy
from tacit.node.context import connect, load_member
from tacit.node.cosigning import agree_on_head
from tacit.node.ledger_verify import Progress, verify_ledger
from tacit.node.store.base import Store
from tacit.node.store.ledger import Evidence, list_evidence, settle_evidence
from tacit.node.times import now_ms

MOST = 500
"""Most characters of a note."""


def open_evidence(store: Store) -> tuple[Evidence, ...]:
    """Give the contradicting heads that nobody has explained yet.

    Raises:
        TacitError: NOT_FOUND, there are none.
    """
    with store.read() as connection:
        found = tuple(item for item in list_evidence(connection) if not item.settled_at)
    if not found:
        raise TacitError(Code.NOT_FOUND, what="evidence of a forked ledger")
    return found


def settle_fork(
    store: Store, note: str, progress: Progress, policy: RetryPolicy | None = None
) -> int:
    """Verify the ledger anew, with all members' heads; where it is whole, note how it came about.

    Args:
        store: this node's store.
        note: what people found out, 1 to 500 characters; it stays in this node's store.
        progress: is told how far the verification is.
        policy: how patiently to wait for a coordinator that is away.

    Returns:
        How many contradicting heads are settled.

    Raises:
        TacitError: NOT_FOUND, nothing is open; USAGE; LEDGER_FORKED or PROOF_INVALID, the ledger
            still does not verify; or what the connection raises.
    """
    open_evidence(store)
    if not 0 < len(note.strip()) <= MOST or not note.isprintable():
        raise TacitError(Code.USAGE, problem=f"The note must be 1 to {MOST} printable characters.")
    found = verify_ledger(store, (), progress, policy)
    wrong = [item for item in found.findings if not item.remark and item.kind is not Kind.EVIDENCE]
    if wrong:
        raise TacitError(Code.PROOF_INVALID, f"{len(wrong)} findings: {wrong[0].kind.value}")
    with connect(store, policy) as session:
        agree_on_head(session, store, load_member(store))
    with store.write() as connection:
        return settle_evidence(connection, note.strip(), now_ms())
