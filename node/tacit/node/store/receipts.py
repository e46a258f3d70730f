"""Receipts in the store."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from tacit.node.store.rows import every, put_all
from tacit.node.store.tables import receipts


@dataclass(frozen=True, slots=True)
class StoredReceipt:
    """The coordinator's signed word, by an entry of its ledger; verified before it was kept.

    Attributes:
        entry: canonical JSON.
        signature: Ed25519 with the ledger's key.
        received_at: milliseconds.
    """

    ledger_index: int
    project_id: str
    entry: bytes
    signature: bytes
    received_at: int


def put_receipts(connection: Connection, items: Iterable[StoredReceipt]) -> None:
    """Keep receipts."""
    put_all(connection, receipts, items)


def list_receipts(connection: Connection, project_id: str) -> Sequence[StoredReceipt]:
    """Give a project's receipts, oldest first."""
    query = select(receipts).where(receipts.c.project_id == project_id)
    return every(connection, query.order_by(receipts.c.ledger_index), StoredReceipt)
