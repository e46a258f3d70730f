"""Match probability, threshold, precision and recall without truth.

A two-component mixture over the scores of candidates. Non-matches follow the rate of
`tacit.linkage.null_scores`, times how many look-alikes each of the two records has (a frailty in
the sense of survival analysis: "John" without a birth date resembles many). Matches follow a beta
distribution. Weights and shape come from expectation maximisation (Dempster, Laird and Rubin,
1977), in which a record's candidates in one set compete, as at most one of them is its match.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import lgamma

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.candidates import FLOOR
from tacit.linkage.cluster import Pairs
from tacit.linkage.null_scores import (
    BINS,
    MIDDLE,
    SMALLEST,
    WIDTH,
    Rows,
    bin_of,
    null_rate,
    sums,
)

ROUNDS = 4
"""How often non-matches are learnt anew from what matches proved to be."""

STEPS = 100
CONVERGED = 1e-4
"""Most steps of expectation maximisation in a round, and the relative change that ends them."""

PRIOR_MEAN, PRIOR_SPREAD, PRIOR_WEIGHT = 0.75, 0.15, 5.0
"""Where matches score, before anything is seen, and how many observations that belief weighs."""

LEAST_UNMATCHED = 0.1
"""Least share of a set that is taken to lack a match in another."""

LOOK_ALIKES = 2.0
"""Frailty is counted above the score that so many non-matching candidates a record reach."""

FRAILTY_WEIGHT = 1.0
IDLE = 1e-4
"""Odds below which a candidate no longer takes part."""

NEAR, LIKELY = 25, 0.5
"""Nothing is linked unless so many links in a row are matches with at least this probability."""

SURPRISE, MISJUDGED = 1e-3, 3.0
"""... and unless so many good pairs would hardly come about if nothing matched, even where the
rate of non-matches, carried on beyond what was seen, is so many times too low."""

NO_MATCH = 1.0
"""Threshold where no matches were found: only complete and identical records score so high."""


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """What the scores tell of matches.

    Attributes:
        probability: of being a match, of each pair, in the order of the pairs.
        threshold: the score at which the expected F-measure of links is highest.
        matches: expected number of matching pairs.
        link_scores: falling, of the pairs that are the best of both of their records.
        link_probability: in the same order.
    """

    probability: NDArray[np.float64]
    threshold: float
    matches: float
    link_scores: NDArray[np.float64]
    link_probability: NDArray[np.float64]

    def at(self, threshold: float) -> tuple[float, float]:
        """Estimate precision and recall of the links that score at least `threshold`."""
        taken = int(np.searchsorted(-self.link_scores, -threshold, side="right"))
        right = float(self.link_probability[:taken].sum())
        precision = right / taken if taken else 1.0
        recall = right / self.matches if self.matches > 0 else 1.0
        return precision, min(recall, 1.0)


def estimate(pairs: Pairs, sizes: Sequence[int]) -> Estimate:
    """Fit the mixture to all candidates.

    Args:
        pairs: everything that comparing kept, unfiltered.
        sizes: records of each set.
    """
    if not len(pairs):
        return _nothing(0)
    model = _Mixture(pairs, np.asarray(sizes, np.int64))
    probability = model.fit()
    order = np.argsort(-pairs.score[model.leading], kind="stable")
    scores = pairs.score[model.leading][order]
    likely = probability[model.leading][order]
    matches = float(probability.sum())
    if not _are_there_any(scores, likely, model.expected_above(scores)):
        return _nothing(len(pairs), scores)
    threshold = _best_threshold(scores, likely, matches)
    return Estimate(probability, threshold, matches, scores, likely)


def _nothing(count: int, scores: NDArray[np.float64] | None = None) -> Estimate:
    scores = np.zeros(0) if scores is None else scores
    return Estimate(np.zeros(count), NO_MATCH, 0.0, scores, np.zeros(len(scores)))


def _are_there_any(
    scores: NDArray[np.float64], likely: NDArray[np.float64], expected: NDArray[np.float64]
) -> bool:
    """Tell whether any links are matches: likely by the mixture, and too many to be chance."""
    expected = MISJUDGED * expected
    links = np.arange(1, len(scores) + 1)
    near = np.minimum(links, NEAR)
    right = np.concatenate([[0.0], np.cumsum(likely)])
    if not ((right[links] - right[links - near]) / near >= LIKELY).any():
        return False
    # Chernoff's bound on at least so many events where a Poisson law expects fewer.
    surplus = links > expected
    bound = links * (np.log(expected / links) + 1) - expected
    return bool((bound[surplus] < np.log(SURPRISE)).any())


def _best_threshold(
    scores: NDArray[np.float64], likely: NDArray[np.float64], matches: float
) -> float:
    """Maximise the expected F-measure 2 TP / (links + matches) over prefixes of the links.

    The threshold lies halfway to the best link left out, so that a check of further records may
    find a match that scores a little less than any seen so far.
    """
    links = np.arange(1, len(scores) + 1)
    last = int(np.argmax(2 * np.cumsum(likely) / (links + matches)))
    below = scores[np.searchsorted(-scores, -scores[last], side="right") :]
    return float(scores[last] + (below[0] if len(below) else FLOOR)) / 2


class _Mixture:
    """Expectation maximisation over one list of candidates."""

    def __init__(self, pairs: Pairs, sizes: NDArray[np.int64]) -> None:
        self._pairs = pairs
        self._rows = Rows.of(pairs, sizes)
        self._rate = np.zeros(BINS)
        self._bins = bin_of(pairs.score)
        self._set_pair = pairs.left_set * len(sizes) + pairs.right_set
        self._sizes = sizes
        offset = np.concatenate([[0], np.cumsum(sizes)])
        self._left = offset[pairs.left_set] + pairs.left
        self._right = offset[pairs.right_set] + pairs.right
        self._row = _group(self._set_pair * offset[-1] + self._left)
        self._column = _group(self._set_pair * offset[-1] + self._right)
        self.leading = _is_best(pairs.score, self._row) & _is_best(pairs.score, self._column)
        shape = (len(sizes), len(sizes))
        self._rows_of = np.broadcast_to(sizes[:, None], shape).ravel().astype(np.float64)
        self._columns_of = np.broadcast_to(sizes[None, :], shape).ravel().astype(np.float64)

    def expected_above(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give how many non-matches are expected to reach each score, after fitting."""
        area = float(np.triu(np.outer(self._sizes, self._sizes), 1).sum())
        above = np.cumsum(self._rate[::-1])[::-1] * area
        return np.maximum(above[bin_of(scores)], SMALLEST)

    def fit(self) -> NDArray[np.float64]:
        """Give each pair's probability of being a match."""
        posterior = np.zeros(len(self._pairs))
        high = self.leading & (self._pairs.score > PRIOR_MEAN - PRIOR_SPREAD)
        found = sums(self._set_pair, high, len(self._rows_of)) + 1 / len(self._rows_of)
        density = _beta(np.zeros(BINS))
        alike = self._look_alikes(self.leading.astype(np.float64))
        for _ in range(ROUNDS):
            self._rate = null_rate(self._rows, posterior)
            found, density, posterior = self._round(found, density, self._rate, alike)
            alike = self._look_alikes(posterior)
        return posterior

    def _look_alikes(self, posterior: NDArray[np.float64]) -> NDArray[np.float64]:
        """Give the product of both records' frailties, of mean about 1, for each pair."""
        weight = 1 - posterior
        order = np.argsort(-self._pairs.score, kind="stable")
        reached = np.cumsum(weight[order])
        wanted = LOOK_ALIKES * self._sizes.sum() / 2
        level = order[min(int(np.searchsorted(reached, wanted)), len(order) - 1)]
        weight = np.where(self._pairs.score >= self._pairs.score[level], weight, 0.0)
        records = int(self._sizes.sum())
        seen = sums(self._left, weight, records) + sums(self._right, weight, records)
        bounds = np.concatenate([[0], np.cumsum(self._sizes)])
        usual = np.concatenate(
            [
                np.full(stop - start, seen[start:stop].mean() if stop > start else 0.0)
                for start, stop in pairwise(bounds.tolist())
            ]
        )
        frailty = (seen + FRAILTY_WEIGHT) / (usual + FRAILTY_WEIGHT)
        product: NDArray[np.float64] = frailty[self._left] * frailty[self._right]
        return product

    def _round(
        self,
        found: NDArray[np.float64],
        density: NDArray[np.float64],
        rate: NDArray[np.float64],
        alike: NDArray[np.float64],
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Iterate to convergence with the rate of non-matches held fast."""
        active = np.arange(len(alike))
        total = found.sum()
        posterior = np.zeros(len(alike))
        for step in range(STEPS):
            odds = self._prior(found)[self._set_pair[active]]
            odds *= (density / rate)[self._bins[active]] / alike[active]
            row, column = self._row[active], self._column[active]
            rivals = sums(row, odds)[row] + sums(column, odds)[column]
            share = odds / (1 + rivals - odds)
            posterior[active] = share
            found = sums(self._set_pair[active], share, len(self._rows_of))
            found = np.minimum(found, np.minimum(self._rows_of, self._columns_of))
            density = _beta(sums(self._bins[active], share, BINS))
            if abs(found.sum() - total) <= CONVERGED * max(total, 1.0):
                break
            total = found.sum()
            if step == 0:
                active = active[odds > IDLE]
        return found, density, posterior

    def _prior(self, found: NDArray[np.float64]) -> NDArray[np.float64]:
        """Odds that two records match against that neither has a match, for each set pair."""
        rows, columns = self._rows_of, self._columns_of
        area = np.maximum(rows * columns, 1.0)
        left = np.maximum(1 - found / np.maximum(rows, 1), LEAST_UNMATCHED)
        right = np.maximum(1 - found / np.maximum(columns, 1), LEAST_UNMATCHED)
        return found / area / left / right


def _group(keys: NDArray[np.int64]) -> NDArray[np.intp]:
    numbers: NDArray[np.intp] = np.unique(keys, return_inverse=True)[1]
    return numbers


def _is_best(score: NDArray[np.float64], group: NDArray[np.intp]) -> NDArray[np.bool_]:
    best = np.zeros(int(group.max()) + 1)
    np.maximum.at(best, group, score)
    is_best: NDArray[np.bool_] = score >= best[group]
    return is_best


def _beta(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Fit a beta distribution by moments, with the prior; give its mass in each bin."""
    total = weights.sum() + PRIOR_WEIGHT
    mean = (weights @ MIDDLE + PRIOR_WEIGHT * PRIOR_MEAN) / total
    prior = PRIOR_SPREAD**2 + (PRIOR_MEAN - mean) ** 2
    variance = (weights @ (MIDDLE - mean) ** 2 + PRIOR_WEIGHT * prior) / total
    scale = mean * (1 - mean) / variance - 1
    a, b = max(mean * scale, 1.01), max((1 - mean) * scale, 0.5)
    log = (a - 1) * np.log(MIDDLE) + (b - 1) * np.log1p(-MIDDLE)
    density: NDArray[np.float64] = np.exp(log + lgamma(a + b) - lgamma(a) - lgamma(b)) * WIDTH
    return density
