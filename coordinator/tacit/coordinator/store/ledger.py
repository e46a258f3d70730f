"""Rows of the ledger and its signed heads. Entries are only ever added."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, func, insert, select

from tacit.coordinator.store.tables import ledger_entries, tree_heads


@dataclass(frozen=True, slots=True)
class Head:
    """A signed tree head; time in milliseconds."""

    size: int
    timestamp: int
    root: bytes
    signature: bytes


def add_entry(connection: Connection, entry: bytes, leaf_hash: bytes) -> int:
    """Append an entry and give its index; call within `Store.write` only."""
    count = select(func.coalesce(func.max(ledger_entries.c.index) + 1, 0))
    index = int(connection.execute(count).scalar_one())
    connection.execute(insert(ledger_entries).values(index=index, entry=entry, leaf_hash=leaf_hash))
    return index


def read_entry(connection: Connection, index: int) -> bytes | None:
    """Give the entry at `index`."""
    query = select(ledger_entries.c.entry).where(ledger_entries.c.index == index)
    return connection.execute(query).scalar_one_or_none()


def read_leaves(connection: Connection, start: int) -> Sequence[bytes]:
    """Give the leaf hashes from index `start` on."""
    query = (
        select(ledger_entries.c.leaf_hash)
        .where(ledger_entries.c.index >= start)
        .order_by(ledger_entries.c.index)
    )
    return connection.execute(query).scalars().all()


def list_entries(connection: Connection, start: int, end: int, most: int) -> Sequence[bytes]:
    """Give the first `most` entries from index `start` on, before index `end`."""
    query = (
        select(ledger_entries.c.entry)
        .where(ledger_entries.c.index >= start, ledger_entries.c.index < end)
        .order_by(ledger_entries.c.index)
        .limit(most)
    )
    return connection.execute(query).scalars().all()


def find_head(connection: Connection, size: int) -> Head | None:
    """Give the head that was signed for this size."""
    query = select(tree_heads).where(tree_heads.c.size == size)
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Head(**row)


def add_head(connection: Connection, head: Head) -> None:
    """Keep a signed head, so that one size never has two."""
    connection.execute(
        insert(tree_heads).values(
            size=head.size, timestamp=head.timestamp, root=head.root, signature=head.signature
        )
    )
