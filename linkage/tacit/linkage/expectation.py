"""What groups of a threshold are expected to get right, and the threshold that follows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.cluster import Merge

NO_MATCH = 1.0
"""Threshold where no matches were found, or none as sure as wished."""

SUREST = 1 - 2.0**-40
"""No pair is more probably a match, so that nothing but a known link reaches `NO_MATCH`."""

LEAST_PRECISION = 0.5
"""Links of which fewer are expected to be right are no result."""


@dataclass(frozen=True, slots=True, eq=False)
class Expectation:
    """Expected accuracy after each merge.

    Attributes:
        score: of the merges, falling.
        right: pairs within groups that are expected to be matches, so far.
        found: pairs within groups so far.
        matches: expected number of matching pairs in all.
    """

    score: NDArray[np.float64]
    right: NDArray[np.float64]
    found: NDArray[np.float64]
    matches: float

    def at(self, threshold: float) -> tuple[float, float]:
        """Estimate precision and recall of the groups of a threshold."""
        taken = int(np.searchsorted(-self.score, -threshold, side="right"))
        if not taken:
            return 1.0, 0.0 if self.matches > 0 else 1.0
        right = float(self.right[taken - 1])
        recall = right / self.matches if self.matches > 0 else 1.0
        return right / float(self.found[taken - 1]), min(recall, 1.0)

    def best(self) -> float:
        """Give the threshold of the highest expected F-measure, 2 right / (found + matches)."""
        if not len(self.score):
            return NO_MATCH
        ends = self._ends()
        last = int(ends[np.argmax((2 * self.right / (self.found + self.matches))[ends])])
        if self.right[last] < LEAST_PRECISION * self.found[last]:
            return NO_MATCH
        return self._below(last)

    def precise(self, wished: float) -> float:
        """Give the least threshold at which precision is expected to be as wished.

        It is never less than that of the highest expected F-measure: beyond that, links are
        taken in of which few are right, however sure the others are.
        """
        ends = self._ends()
        enough = ends[self.right[ends] >= wished * self.found[ends]]
        if not len(enough):
            return NO_MATCH
        return max(self._below(int(enough[-1])), self.best())

    def _ends(self) -> NDArray[np.intp]:
        """Give the last merge of each score: a threshold takes in all of one score or none."""
        return np.flatnonzero(np.diff(self.score, append=-1.0))

    def _below(self, last: int) -> float:
        """Lie halfway to the best merge left out, for records that a check may bring."""
        score = self.score[last]
        below = self.score[np.searchsorted(-self.score, -score, side="right") :]
        return float(score + (below[0] if len(below) else 0.0)) / 2


def expect(merges: Sequence[Merge], probability: NDArray[np.float64]) -> Expectation:
    """Add up what merges are expected to get right.

    Args:
        merges: as the solver made them; their score is the probability of being right.
        probability: of all candidates.
    """
    pairs = np.array([_pairs(merge) for merge in merges], np.float64)
    score = np.array([merge.score for merge in merges])
    right = np.cumsum(pairs * score)
    matches = max(float(probability.sum()), float(right[-1]) if len(right) else 0.0)
    return Expectation(score, right, np.cumsum(pairs), matches)


def _pairs(merge: Merge) -> int:
    """Count the pairs of different sets that a merge brings together."""
    return sum(one[0] != other[0] for one in merge.left for other in merge.right)
