"""A growing Merkle tree that keeps its complete subtrees, so that proofs cost little.

Same hashes and proofs as `tacit.linkage.merkle` (RFC 6962 section 2.1), in O(log^2 n) each
instead of O(n).
"""

from collections.abc import Iterable
from hashlib import sha256

from tacit.linkage.merkle import node_hash, split


class MerkleTree:
    """Leaf hashes of an append-only log and the hashes of all complete subtrees above them."""

    def __init__(self) -> None:
        # Level k holds the hashes of the complete subtrees of 2^k leaves, in order.
        self._levels: list[list[bytes]] = [[]]

    def __len__(self) -> int:
        return len(self._levels[0])

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append leaf hashes."""
        self._levels[0].extend(leaves)
        level = 0
        while len(self._levels[level]) > 1:
            if level + 1 == len(self._levels):
                self._levels.append([])
            below, above = self._levels[level], self._levels[level + 1]
            above.extend(
                node_hash(below[2 * i], below[2 * i + 1])
                for i in range(len(above), len(below) // 2)
            )
            level += 1

    def root(self, size: int) -> bytes:
        """Give the root over the first `size` leaves.

        Raises:
            IndexError: there are not so many leaves.
        """
        self._check(size)
        return self._range(0, size) if size else sha256(b"").digest()

    def inclusion_path(self, index: int, size: int) -> list[bytes]:
        """Give the audit path of leaf `index` in the tree of `size` leaves, sibling first.

        Raises:
            IndexError: there is no such leaf in such a tree.
        """
        self._check(size)
        if not 0 <= index < size:
            raise IndexError(index)
        start, stop, path = 0, size, list[bytes]()
        while stop - start > 1:
            middle = start + split(stop - start)
            if index < middle:
                path.append(self._range(middle, stop))
                stop = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        return path[::-1]

    def consistency_path(self, first: int, second: int) -> list[bytes]:
        """Give the proof that the tree of `first` leaves is a prefix of that of `second`.

        Raises:
            IndexError: not 0 <= first <= second <= number of leaves.
        """
        self._check(second)
        if not 0 <= first <= second:
            raise IndexError(first)
        if first in (0, second):
            return []
        start, stop, path = 0, second, list[bytes]()
        while stop != first:
            middle = start + split(stop - start)
            if first <= middle:
                path.append(self._range(middle, stop))
                stop = middle
            else:
                path.append(self._range(start, middle))
                start = middle
        if start:
            # The old tree is no longer known by its own root alone.
            path.append(self._range(start, stop))
        return path[::-1]

    def _range(self, start: int, stop: int) -> bytes:
        """Hash leaves [start, stop); `start` is a multiple of the greatest power of two in it."""
        size = stop - start
        if size & (size - 1) == 0:
            level = size.bit_length() - 1
            return self._levels[level][start >> level]
        middle = start + split(size)
        return node_hash(self._range(start, middle), self._range(middle, stop))

    def _check(self, size: int) -> None:
        if not 0 <= size <= len(self):
            raise IndexError(size)
