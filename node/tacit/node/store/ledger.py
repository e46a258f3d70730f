"""The tree heads this node has seen, so that the coordinator cannot go back on one."""

from dataclasses import dataclass

from sqlalchemy import Connection, select

from tacit.node.store.rows import one, put
from tacit.node.store.tables import tree_heads


@dataclass(frozen=True, slots=True)
class StoredTreeHead:
    """A verified tree head."""

    tree_size: int
    timestamp: int
    root: bytes
    signature: bytes
    seen_at: int


def put_tree_head(connection: Connection, head: StoredTreeHead) -> None:
    """Keep a verified head."""
    put(connection, tree_heads, head)


def last_tree_head(connection: Connection) -> StoredTreeHead | None:
    """Give the largest head that was seen, or None."""
    query = select(tree_heads).order_by(tree_heads.c.tree_size.desc()).limit(1)
    return one(connection, query, StoredTreeHead)


def tree_head_of_size(connection: Connection, tree_size: int) -> StoredTreeHead | None:
    """Give the head of one size, or None; another root of the same size is a forked ledger."""
    query = select(tree_heads).where(tree_heads.c.tree_size == tree_size)
    return one(connection, query, StoredTreeHead)
