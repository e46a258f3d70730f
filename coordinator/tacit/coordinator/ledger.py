"""The coordinator's append-only record: signed heads and proofs after RFC 6962.

An entry goes in within the transaction of the act that it records, so that neither can exist
without the other. Heads and proofs speak about committed entries only.
"""

import threading
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection

from tacit.coordinator.store.engine import Store
from tacit.coordinator.store.ledger import (
    Head,
    add_entry,
    add_head,
    find_head,
    read_entry,
    read_leaves,
)
from tacit.linkage import statements
from tacit.linkage.canonical import Json, canonical
from tacit.linkage.errors import Code, TacitError
from tacit.linkage.merkle import leaf_hash
from tacit.linkage.merkle_tree import MerkleTree


def append_entry(connection: Connection, kind: str, time: int, **fields: Json) -> int:
    """Enter an act in the ledger as `Ledger.append` does; entries themselves need no key."""
    entry = canonical({"type": kind, "time": time, **fields})
    return add_entry(connection, entry, leaf_hash(entry))


@dataclass(frozen=True, slots=True)
class Proof:
    """Where an entry stands: index, its bytes, and the audit path from its sibling upwards."""

    index: int
    entry: bytes
    path: tuple[bytes, ...]


class Ledger:
    """The ledger of one coordinator.

    Args:
        store: where entries and heads are kept.
        key: Ed25519 key that signs heads.
    """

    def __init__(self, store: Store, key: Ed25519PrivateKey) -> None:
        self._store = store
        self._key = key
        self._tree = MerkleTree()
        self._lock = threading.Lock()

    @property
    def public_key(self) -> bytes:
        """Ed25519 public key under which heads are signed, 32 bytes."""
        return self._key.public_key().public_bytes_raw()

    def append(self, connection: Connection, kind: str, time: int, **fields: Json) -> int:
        """Enter an act in the ledger, within its own `Store.write` transaction.

        Args:
            connection: the transaction.
            kind: what happened: "enrolment", "agreement", "upload", ...
            time: milliseconds since 1970-01-01T00:00:00Z.
            fields: identifiers, counts and hexadecimal hashes; never anything about a victim.

        Returns:
            The entry's index.
        """
        return append_entry(connection, kind, time, **fields)

    def sign_receipt(self, index: int, entry: bytes) -> bytes:
        """Sign that `entry` stands in the ledger at `index`."""
        return self._key.sign(statements.receipt(index, entry))

    def head(self, now: int) -> Head:
        """Give the signed head over all committed entries.

        Args:
            now: milliseconds, used if this size has no head yet.
        """
        with self._lock:
            size, root = self._catch_up()
        with self._store.read() as connection:
            found = find_head(connection, size)
        return found or self._sign(size, root, now)

    def prove(self, index: int, head: Head) -> Proof:
        """Prove that entry `index` stands in the tree of `head`.

        Raises:
            TacitError: NOT_FOUND, there is no such entry in that tree.
        """
        with self._store.read() as connection:
            entry = read_entry(connection, index)
        if entry is None or not 0 <= index < head.size:
            raise TacitError(Code.NOT_FOUND, what="ledger entry")
        with self._lock:
            self._catch_up()
            return Proof(index, entry, tuple(self._tree.inclusion_path(index, head.size)))

    def consistency(self, first: int, second: int) -> list[bytes]:
        """Prove that the tree of `first` entries is a prefix of that of `second`.

        Raises:
            TacitError: NOT_FOUND, there are no such trees.
        """
        with self._lock:
            self._catch_up()
            try:
                return self._tree.consistency_path(first, second)
            except IndexError as error:
                raise TacitError(Code.NOT_FOUND, what="ledger size") from error

    def _catch_up(self) -> tuple[int, bytes]:
        """Read what was committed since; entries never change, so nothing is read twice."""
        with self._store.read() as connection:
            self._tree.extend(read_leaves(connection, len(self._tree)))
        return len(self._tree), self._tree.root(len(self._tree))

    def _sign(self, size: int, root: bytes, now: int) -> Head:
        signature = self._key.sign(statements.tree_head(size, now, root))
        head = Head(size, now, root, signature)
        with self._store.write() as connection:
            found = find_head(connection, size)
            if found is None:
                add_head(connection, head)
        return found or head
