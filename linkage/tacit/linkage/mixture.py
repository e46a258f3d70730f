"""The probability of each pair to be a match, learnt without truth.

A two-component mixture over the scores of candidates, by pattern of common fields. Non-matches
follow the rates of `tacit.linkage.null_scores`, times how many look-alikes each of the two
records has (`tacit.linkage.look_alikes`); matches follow the distribution of
`tacit.linkage.match_scores`. Shares and shapes come from expectation maximisation (Dempster,
Laird and Rubin, 1977), in which a record's candidates in one set compete, as at most one of them
is its match, unless that set may hold a person more than once.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from tacit.linkage.calibration import Calibration
from tacit.linkage.candidate_rows import CELLS, MIDDLE, Field, arrange
from tacit.linkage.candidate_sums import filled, sums
from tacit.linkage.cluster import Pairs
from tacit.linkage.constraints import NO_CONSTRAINTS, Constraints
from tacit.linkage.expectation import SUREST
from tacit.linkage.look_alikes import look_alikes
from tacit.linkage.match_scores import (
    cell_density,
    fit_matches,
    match_density,
    telling,
    told_matches,
    usual_share,
)
from tacit.linkage.null_scores import null_rates
from tacit.linkage.score import ScoreModel

ROUNDS = 4
"""How often non-matches are learnt anew from what matches proved to be."""

STEPS = 10
CONVERGED = 1e-3
"""Most steps of expectation maximisation in a round, and the relative change that ends them."""

OPEN_STEPS, MANY = 10, 100
"""In so many first steps all scores are looked at for matches, where there are many good pairs."""

LOW, HIGH, SURE, GOOD = 0.5, 0.9, 0.95, 0.6
"""At first a best pair is a match with a probability that rises to SURE between these scores."""

LEAST_UNMATCHED = 0.1
"""Least share of a set that is taken to lack a match in another."""

NEAR, LIKELY = 25, 0.5
"""Nothing is linked unless so many links in a row are matches with at least this probability."""

SURPRISE, MISJUDGED = 1e-5, 3.0
"""... and unless so many good pairs would hardly come about if nothing matched, even where the
rate of non-matches, carried on beyond what was seen, is so many times too low."""


@dataclass(frozen=True, slots=True, eq=False)
class Estimate:
    """What the scores tell of matches.

    Attributes:
        probability: of being a match, of each pair, in the order of the pairs.
        any_found: whether there are matches at all, as far as that can be told.
        calibration: what a score says; None without candidates.
    """

    probability: NDArray[np.float64]
    any_found: bool
    calibration: Calibration | None


def estimate(
    pairs: Pairs,
    presence: Sequence[NDArray[np.uint64]],
    model: ScoreModel,
    constraints: Constraints = NO_CONSTRAINTS,
) -> Estimate:
    """Fit the mixture to all candidates.

    Args:
        pairs: everything that comparing kept, unfiltered.
        presence: presence masks of each set's records.
        model: what the pairs were scored with.
        constraints: says which sets may hold a person more than once.
    """
    if not len(pairs):
        return Estimate(np.zeros(0), any_found=False, calibration=None)
    # Sums of several threads depend on how many there are; and for matrices this small threads
    # mostly wait for each other, long where other work is going on.
    with threadpool_limits(limits=1, user_api="blas"):
        mixture = _Mixture(arrange(pairs, presence, model), constraints.several)
        probability = mixture.fit()
        return Estimate(probability, mixture.are_there_any(probability), mixture.calibration())


class _Mixture:
    """Expectation maximisation over one list of candidates."""

    def __init__(self, field: Field, several: frozenset[int]) -> None:
        self._field = field
        sets = len(field.sizes)
        alone = np.array([index not in several for index in range(sets)])
        self._row_competes = alone[field.pairs.right_set]
        self._column_competes = alone[field.pairs.left_set]
        self._several = np.flatnonzero(~alone)
        self._rows_of = np.repeat(field.sizes, sets).astype(np.float64)
        self._columns_of = np.tile(field.sizes, sets).astype(np.float64)
        self._match_share = usual_share()
        self._rates = np.ones(0)
        self._share = np.zeros(sets * sets)

    def fit(self) -> NDArray[np.float64]:
        """Give each pair's probability of being a match."""
        field = self._field
        score = field.pairs.score
        posterior = filled(
            len(score),
            np.float64,
            lambda at: np.where(
                field.leading[at], np.clip((score[at] - LOW) / (HIGH - LOW), 0, SURE), 0
            ),
        )
        open_steps = OPEN_STEPS if (field.leading & (score > GOOD)).sum() >= MANY else 1
        taken, always = 0, np.ones(len(score), np.bool_)
        for _ in range(ROUNDS):
            self._rates = null_rates(field, posterior, self._several)
            alike = look_alikes(field, posterior, self._rates)
            for _ in range(STEPS):
                taken += 1
                self._learn(posterior, everywhere=taken <= open_steps)
                before, posterior = posterior.sum(), self._posterior(alike, always, always)
                if abs(posterior.sum() - before) <= CONVERGED * max(before, 1.0):
                    break
        found = self._posterior(alike, self._row_competes, self._column_competes)
        return np.minimum(found, SUREST, out=found)

    def _learn(self, posterior: NDArray[np.float64], *, everywhere: bool) -> None:
        """Learn how matches score, and how many there are."""
        field = self._field
        told = np.ones((len(field.patterns), CELLS), np.bool_)
        if not everywhere:
            told = telling(self._match_share, field.patterns, self._rates, self._prior())
        self._match_share = fit_matches(field, posterior, told, self._match_share)
        found = told_matches(field, posterior, told)
        room = field.compared @ (told @ self._match_share)
        pairs = len(self._share)
        matches = sums(field.set_pair, found, pairs) + 0.5 / pairs
        self._share = np.divide(matches, room, out=np.zeros(pairs), where=room > 0)

    def _prior(self) -> float:
        compared = self._field.compared.sum(axis=1)
        return float(self._share @ compared / compared.sum())

    def _posterior(
        self,
        alike: NDArray[np.float64],
        row_competes: NDArray[np.bool_],
        column_competes: NDArray[np.bool_],
    ) -> NDArray[np.float64]:
        field = self._field
        rows, columns = np.maximum(self._rows_of, 1), np.maximum(self._columns_of, 1)
        matches = self._share * field.compared.sum(axis=1)
        prior = (
            self._share
            / np.maximum(1 - matches / rows, LEAST_UNMATCHED)
            / np.maximum(1 - matches / columns, LEAST_UNMATCHED)
        )

        def own_odds(at: slice) -> NDArray[np.float64]:
            pattern = field.pattern[at]
            density = cell_density(self._match_share, field.patterns, field.cell[at], pattern)
            null = self._rates[pattern, field.bins[at]] * alike[at]
            found: NDArray[np.float64] = prior[field.set_pair[at]] * density / null
            return found

        odds = filled(len(alike), np.float64, own_odds)
        in_rows, in_columns = sums(field.row, odds), sums(field.column, odds)

        def share(at: slice) -> NDArray[np.float64]:
            own = odds[at]
            in_row = np.where(row_competes[at], in_rows[field.row[at]] - own, 0)
            in_column = np.where(column_competes[at], in_columns[field.column[at]] - own, 0)
            found: NDArray[np.float64] = own / (
                1 + own + np.maximum(in_row, 0) + np.maximum(in_column, 0)
            )
            return found

        return filled(len(odds), np.float64, share)

    def calibration(self) -> Calibration:
        """Give what was learnt of scores."""
        return Calibration(self._field.patterns, self._rates, self._match_share, self._prior())

    def are_there_any(self, probability: NDArray[np.float64]) -> bool:
        """Tell whether any best pairs are matches: likely ones, and too many to be chance."""
        field = self._field
        factor = field.patterns.factor
        every = np.arange(len(field.patterns))[:, None]
        middle = np.broadcast_to(MIDDLE, self._rates.shape)
        ratio = np.clip(middle / factor[:, None], 0, 1)
        pattern = np.broadcast_to(every, ratio.shape)
        evidence = match_density(self._match_share, field.patterns, ratio, pattern) / self._rates
        likely = np.sort(probability[field.leading])[::-1]
        links = np.arange(1, len(likely) + 1)
        near = np.minimum(links, NEAR)
        right = np.concatenate([[0.0], np.cumsum(likely)])
        if not ((right[links] - right[links - near]) / near >= LIKELY).any():
            return False
        # How many non-matches are expected with at least as good evidence as each of the links.
        order = np.argsort(-evidence, axis=None)
        null = (field.compared.sum(axis=0)[:, None] * self._rates).ravel()[order].cumsum()
        seen = np.sort(evidence[field.pattern[field.leading], field.bins[field.leading]])[::-1]
        place = np.searchsorted(-evidence.ravel()[order], -seen, side="right")
        expected = MISJUDGED * np.maximum(null[np.maximum(place - 1, 0)], 1e-300)
        # Chernoff's bound on at least so many events where a Poisson law expects fewer.
        surplus = links > expected
        bound = links * (np.log(expected / links) + 1) - expected
        return bool((bound[surplus] < np.log(SURPRISE)).any())
