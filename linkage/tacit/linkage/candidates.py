"""The pairs that a comparison found worth keeping, and their compact form at rest."""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FLOOR = 0.3
"""Pairs that score less are never kept: no useful threshold goes so low."""

KEEP = 16
"""At most so many columns are kept for a row, the best ones: memory stays within rows * KEEP."""

_HEADER = struct.Struct("<4sQ")
_MAGIC = b"TCC2"


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Kept pairs of two sets, sorted by left index, then by falling score, then by right index.

    Attributes:
        left: int32, record indices in the left set.
        right: int32, record indices in the right set.
        score: float32, in [0, 1].
    """

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    score: NDArray[np.float32]

    @classmethod
    def none(cls) -> "Candidates":
        """Give the result of comparing with an empty set."""
        index = np.zeros(0, np.int32)
        return cls(index, index, np.zeros(0, np.float32))

    def to_bytes(self) -> bytes:
        """Write all as little-endian bytes: 12 for each pair after a header of 12."""
        header = _HEADER.pack(_MAGIC, len(self.score))
        parts = (
            self.left.astype("<i4"),
            self.right.astype("<i4"),
            self.score.astype("<f4"),
        )
        return header + b"".join(part.tobytes() for part in parts)

    @classmethod
    def from_bytes(cls, data: bytes) -> "Candidates":
        """Read what `to_bytes` wrote.

        Raises:
            ValueError: the data are cut short or something else.
        """
        if len(data) < _HEADER.size:
            raise ValueError("not a list of candidates")
        magic, pairs = _HEADER.unpack_from(data)
        if magic != _MAGIC or len(data) != _HEADER.size + 12 * pairs:
            raise ValueError("not a list of candidates")
        start = _HEADER.size
        left = np.frombuffer(data, "<i4", pairs, start).astype(np.int32)
        right = np.frombuffer(data, "<i4", pairs, start + 4 * pairs).astype(np.int32)
        score = np.frombuffer(data, "<f4", pairs, start + 8 * pairs).astype(np.float32)
        return cls(left, right, score)
