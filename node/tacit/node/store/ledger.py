"""The tree heads this node has seen, so that the coordinator cannot go back on one."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection, select

from tacit.node.store.identity import get_setting, put_setting
from tacit.node.store.rows import every, one, put
from tacit.node.store.tables import tree_heads


@dataclass(frozen=True, slots=True)
class StoredTreeHead:
    """A verified tree head."""

    tree_size: int
    timestamp: int
    root: bytes
    signature: bytes
    seen_at: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """A head that the coordinator signed and that contradicts what this node saw before.

    Attributes:
        seen_by: name of the member who cosigned it, or "the coordinator" where it was shown here.
        settled_at: when this node's people called it explained, milliseconds; 0 while it is open.
        note: how they explained it.
    """

    tree_size: int
    timestamp: int
    root: bytes
    signature: bytes
    seen_by: str
    found_at: int
    settled_at: int = 0
    note: str = ""


_EVIDENCE = "ledger_evidence"
_MOST_EVIDENCE = 100


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


def list_tree_heads(connection: Connection) -> Sequence[StoredTreeHead]:
    """Give every head that was seen, by size."""
    query = select(tree_heads).order_by(tree_heads.c.tree_size)
    return every(connection, query, StoredTreeHead)


def add_evidence(connection: Connection, evidence: Evidence) -> None:
    """Keep a contradicting head for good, each once; it can be shown to anybody.

    One that was settled is open again where it is shown again.
    """
    kept = list(list_evidence(connection))
    for place, item in enumerate(kept):
        if (item.tree_size, item.root) == (evidence.tree_size, evidence.root):
            kept[place] = replace(item, settled_at=0)
            _keep(connection, kept)
            return
    if len(kept) < _MOST_EVIDENCE:
        _keep(connection, [*kept, evidence])


def settle_evidence(connection: Connection, note: str, at: int) -> int:
    """Call every open contradiction explained; it stays, with the note. Says how many there were."""
    kept = list_evidence(connection)
    said = [item if item.settled_at else replace(item, settled_at=at, note=note) for item in kept]
    _keep(connection, said)
    return sum(not item.settled_at for item in kept)


def _keep(connection: Connection, kept: Sequence[Evidence]) -> None:
    documents = [
        {**asdict(item), "root": item.root.hex(), "signature": item.signature.hex()}
        for item in kept
    ]
    put_setting(connection, _EVIDENCE, json.dumps(documents))


def list_evidence(connection: Connection) -> Sequence[Evidence]:
    """Give what contradicts this node's history, in the order in which it was found."""
    documents = json.loads(get_setting(connection, _EVIDENCE) or "[]")
    return [
        Evidence(
            **{
                **document,
                "root": bytes.fromhex(document["root"]),
                "signature": bytes.fromhex(document["signature"]),
            }
        )
        for document in documents
    ]
