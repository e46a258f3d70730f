"""Which fields two records have in common, gathered into a few patterns.

How often records that do not match reach a score depends on what was compared: two names alone
agree by chance far more often than two names, dates and places. So pairs are told apart by the
fields that both records have. The most frequent of these common masks are patterns of their own;
any other counts to the pattern that differs from it in the least weight of fields.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.score import ScoreModel, damp

MOST = 48
"""Patterns told apart at most; with so many, further ones are rare."""


@dataclass(frozen=True, slots=True, eq=False)
class Patterns:
    """Patterns of common fields.

    Attributes:
        masks: uint64, shape (P,), the common mask of each pattern, most frequent first.
        weights: of the features, in mask order.
        coverage: shape (P,), share of all fields' weight that the common fields have.
        factor: shape (P,), what the score is damped by; a score over it is the plain ratio.
    """

    masks: NDArray[np.uint64]
    weights: NDArray[np.float64]
    coverage: NDArray[np.float64]
    factor: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.masks)

    @classmethod
    def from_masks(cls, masks: NDArray[np.uint64], model: ScoreModel) -> "Patterns":
        """Make each mask a pattern of its own."""
        weights = np.array(model.weights)
        coverage = _bits(masks, len(weights)) @ weights / weights.sum()
        return cls(masks, weights, coverage, damp(model, np.maximum(coverage, 1e-9)))

    def of(self, masks: NDArray[np.uint64]) -> NDArray[np.intp]:
        """Give the index of each common mask's pattern, the same shape."""
        distinct, inverse = np.unique(masks, return_inverse=True)
        return self._nearest(distinct)[inverse].reshape(masks.shape)

    def meetings(self, one: "SetMasks", other: "SetMasks") -> NDArray[np.float64]:
        """Count by pattern the pairs that a record with each of one set's masks is part of.

        Returns:
            Shape (distinct masks of `one`, P), records of `other`.
        """
        shape = len(one.distinct), len(self)
        cell = self.of(one.distinct[:, None] & other.distinct[None, :])
        cell = cell + len(self) * np.arange(shape[0])[:, None]
        records = np.broadcast_to(other.counts, cell.shape).ravel()
        found = np.bincount(cell.ravel(), records, shape[0] * shape[1])
        return found.astype(np.float64, copy=False).reshape(shape)

    def _nearest(self, masks: NDArray[np.uint64]) -> NDArray[np.intp]:
        known = _bits(self.masks, len(self.weights))
        bits = _bits(masks, len(self.weights))
        shared = (bits * self.weights) @ known.T
        apart = (bits @ self.weights)[:, None] + known @ self.weights - 2 * shared
        nearest: NDArray[np.intp] = np.argmin(np.round(apart, 9), axis=1)
        return nearest


@dataclass(frozen=True, slots=True, eq=False)
class SetMasks:
    """The presence masks of one set.

    Attributes:
        distinct: uint64, ascending.
        index: of each record's mask among them.
        counts: records with each.
    """

    distinct: NDArray[np.uint64]
    index: NDArray[np.intp]
    counts: NDArray[np.int64]

    @classmethod
    def of(cls, presence: NDArray[np.uint64]) -> "SetMasks":
        """Take stock of a set's masks."""
        return cls(*np.unique(presence, return_inverse=True, return_counts=True))


def find_patterns(sets: Sequence[SetMasks], model: ScoreModel) -> Patterns:
    """Find the patterns of all pairs of records of different sets."""
    parts = [_common(left, right) for left, right in combinations(sets, 2)]
    masks, inverse = np.unique(np.concatenate([part[0] for part in parts]), return_inverse=True)
    pairs = np.bincount(inverse, np.concatenate([part[1] for part in parts]))
    order = np.lexsort((masks, -pairs))[:MOST]
    return Patterns.from_masks(masks[order], model)


def _common(left: SetMasks, right: SetMasks) -> tuple[NDArray[np.uint64], NDArray[np.float64]]:
    masks = (left.distinct[:, None] & right.distinct[None, :]).ravel()
    pairs = np.outer(left.counts, right.counts).ravel().astype(np.float64)
    distinct, inverse = np.unique(masks, return_inverse=True)
    return distinct, np.bincount(inverse, pairs).astype(np.float64, copy=False)


def _bits(masks: NDArray[np.uint64], features: int) -> NDArray[np.float64]:
    places = np.arange(features, dtype=np.uint64)
    return ((masks[:, None] >> places[None, :]) & np.uint64(1)).astype(np.float64)
