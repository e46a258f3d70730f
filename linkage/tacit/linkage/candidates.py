"""The pairs that a comparison found worth keeping, and their compact form at rest."""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FLOOR = 0.3
"""Pairs that score less are never kept: no useful threshold goes so low."""

KEEP = 16
"""At most so many columns are kept for a row, the best ones: memory stays within rows * KEEP."""

BINS = 256
"""Score bins of a histogram, over [0, 1]."""

_HEADER = struct.Struct("<4sIIQ")
_MAGIC = b"TCC1"


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Kept pairs of two sets, sorted by left index, then by falling score, then by right index.

    Attributes:
        left: int32, record indices in the left set.
        right: int32, record indices in the right set.
        score: float32, in [0, 1].
        histogram: int64 of shape (BINS,): scores of all pairs of every `stride`-th left record.
        stride: see `histogram`; 1 where a task is small, so that every pair is counted.
    """

    left: NDArray[np.int32]
    right: NDArray[np.int32]
    score: NDArray[np.float32]
    histogram: NDArray[np.int64]
    stride: int = 1

    @classmethod
    def none(cls) -> "Candidates":
        """Give the result of comparing with an empty set."""
        index = np.zeros(0, np.int32)
        return cls(index, index, np.zeros(0, np.float32), np.zeros(BINS, np.int64))

    def to_bytes(self) -> bytes:
        """Write all as little-endian bytes: 12 per pair and a fixed part of about 2 KiB."""
        header = _HEADER.pack(_MAGIC, self.stride, len(self.histogram), len(self.score))
        parts = (
            self.histogram.astype("<i8"),
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
        magic, stride, bins, pairs = _HEADER.unpack_from(data)
        if magic != _MAGIC or len(data) != _HEADER.size + 8 * bins + 12 * pairs:
            raise ValueError("not a list of candidates")
        start = _HEADER.size
        histogram = np.frombuffer(data, "<i8", bins, start).astype(np.int64)
        start += 8 * bins
        left = np.frombuffer(data, "<i4", pairs, start).astype(np.int32)
        right = np.frombuffer(data, "<i4", pairs, start + 4 * pairs).astype(np.int32)
        score = np.frombuffer(data, "<f4", pairs, start + 8 * pairs).astype(np.float32)
        return cls(left, right, score, histogram, stride)
