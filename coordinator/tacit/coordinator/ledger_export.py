"""The whole ledger as a copy that others can check without the coordinator."""

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tacit.coordinator.ledger import Ledger
from tacit.coordinator.store.cosignatures import cosignatures_of, list_heads
from tacit.coordinator.store.engine import Store
from tacit.coordinator.store.ledger import list_entries
from tacit.linkage.ledger_copy import CopiedHead, Cosignature, LedgerCopy, with_growth

_MOST_HEADS = 500


def export_ledger(store: Store, key: Ed25519PrivateKey, authority: bytes, now: int) -> LedgerCopy:
    """Copy entries, heads and cosignatures, under a head that covers all of them.

    Args:
        store: the coordinator's database; a running coordinator may use it too.
        key: what signs heads.
        authority: the coalition's certificate, DER.
        now: milliseconds.

    Raises:
        TacitError: STORE_FAILED.
    """
    ledger = Ledger(store, key)
    newest = ledger.head(now)
    with store.read() as connection:
        entries = tuple(list_entries(connection, 0, newest.size, newest.size))
    heads = tuple(head for head in _heads(store) if head.size <= newest.size)
    return with_growth(LedgerCopy(ledger.public_key, authority, now, entries, heads))


def _heads(store: Store) -> list[CopiedHead]:
    heads: list[CopiedHead] = []
    while True:
        with store.read() as connection:
            start = heads[-1].size + 1 if heads else 0
            found = list_heads(connection, start, _MOST_HEADS)
            signed = cosignatures_of(connection, [head.size for head in found])
        if not found:
            return heads
        for head in found:
            items = (
                Cosignature(item.member_id, item.cosigned_at, item.signature)
                for item in signed.get(head.size, ())
            )
            copied = CopiedHead(head.size, head.timestamp, head.root, head.signature, tuple(items))
            heads.append(copied)
