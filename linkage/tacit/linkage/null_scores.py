"""How often pairs that do not match reach a score, learnt from the pairs themselves.

Of a record's candidates in another set at most one is its match, and that is nearly always the
best; all that score less are samples of non-matches, seen below the best score. So the rate of
non-matches at a score is their number there over the pairs that could have shown one there, as
in the life-table estimate of Nelson (1969) and Aalen (1978) for censored data. Unlike the scores
of all best candidates of records without a match, it has no selection of maxima in it. Records
whose best candidate is a likely match count most: others with a high best score are those that
resemble many. Above the bulk the rate falls about exponentially; a concave log-polynomial fitted
by Poisson regression carries it to where no event was seen.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.candidates import FLOOR, KEEP
from tacit.linkage.cluster import Pairs

BINS = 140
EDGES: NDArray[np.float64] = np.linspace(FLOOR, 1, BINS + 1)
MIDDLE: NDArray[np.float64] = (EDGES[1:] + EDGES[:-1]) / 2
WIDTH = (1 - FLOOR) / BINS

LEAST_WEIGHT, ENOUGH_MATCHES = 0.02, 50.0
"""A record without a likely match weighs this share of the likely matches (at least; at most 1).

They would bias the rate upwards, but where next to nothing matches there is nothing else.
"""

FEW = 5.0
"""Fewer events than this say nothing of the decay; `DECAY` is taken."""

DECAY = -25.0
DECAY_SPREAD = 15.0
CURVATURE_SPREAD = 10.0
"""Expected slope of the log rate per unit of score, how far off it may be, and how bent."""

TAIL_SHARE, TAIL_LEAST, TAIL_MOST = 0.3, 30.0, 3000.0
"""The polynomial is fitted to this share of the events, those of highest score."""

SMALLEST = 1e-300


def bin_of(score: NDArray[np.float64]) -> NDArray[np.intp]:
    """Give the bin of each score; scores outside [FLOOR, 1] go into the outermost bins."""
    return np.clip((score - FLOOR) / WIDTH, 0, BINS - 1).astype(np.intp)


def sums(
    group: NDArray[np.intp] | NDArray[np.int64], weight: NDArray[Any], groups: int = 0
) -> NDArray[np.float64]:
    """Sum weights by group number; at least `groups` sums."""
    return np.bincount(group, weight, groups).astype(np.float64, copy=False)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Candidates in order of row (set pair and left record), each row's best first.

    Attributes:
        order: indices of the pairs.
        starts: position of each row's best.
        counts: candidates of each row.
        width: records that each row was compared with.
        bins: of the scores, in `order`.
        best: score of each row's best.
    """

    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    counts: NDArray[np.intp]
    width: NDArray[np.float64]
    bins: NDArray[np.intp]
    best: NDArray[np.float64]

    @classmethod
    def of(cls, pairs: Pairs, sizes: NDArray[np.int64]) -> "Rows":
        """Sort candidates into rows; there must be at least one."""
        keys = (pairs.right, -pairs.score, pairs.left, pairs.right_set, pairs.left_set)
        order = np.lexsort(keys)
        changes = np.zeros(len(order), np.bool_)
        changes[0] = True
        for column in (pairs.left_set, pairs.right_set, pairs.left):
            ordered = column[order]
            changes[1:] |= ordered[1:] != ordered[:-1]
        starts = np.flatnonzero(changes)
        scores = pairs.score[order]
        return cls(
            order=order,
            starts=starts,
            counts=np.diff(np.append(starts, len(order))),
            width=sizes[pairs.right_set[order][starts]].astype(np.float64),
            bins=bin_of(scores),
            best=scores[starts],
        )


def null_rate(rows: Rows, posterior: NDArray[np.float64]) -> NDArray[np.float64]:
    """Give the expected share of non-matching pairs that score in each bin, shape (BINS,).

    Args:
        rows: all candidates.
        posterior: match probability of each pair, in the order of the pairs.
    """
    return _carried_on(*_events(rows, posterior[rows.order]))


def _events(
    rows: Rows, posterior: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count weighted non-matches and the weighted pairs that could have been one, per bin."""
    likely = posterior[rows.starts]
    weight = likely + np.clip(ENOUGH_MATCHES / max(likely.sum(), 1.0), LEAST_WEIGHT, 1.0)
    # A full row lost the candidates below its last one: it is seen above the last one's bin only.
    last = rows.bins[rows.starts + rows.counts - 1]
    lowest = np.where(rows.counts >= KEEP, last + 1, 0)
    below_best = np.ones(len(rows.bins), np.bool_)
    below_best[rows.starts] = False
    used = below_best & (rows.bins >= np.repeat(lowest, rows.counts))
    each = np.repeat(weight, rows.counts) * (1 - posterior)
    events = sums(rows.bins[used], each[used], BINS)
    top = rows.bins[rows.starts]
    pairs = weight * rows.width
    seen = sums(lowest, pairs, BINS + 1) - sums(np.maximum(top, lowest), pairs, BINS + 1)
    exposure = np.cumsum(seen)[:BINS]
    part = np.clip((rows.best - EDGES[top]) / WIDTH, 0, 1)
    exposure += sums(top, np.where(top >= lowest, part * pairs, 0), BINS)
    return events, np.maximum(exposure, 0)


def _carried_on(events: NDArray[np.float64], exposure: NDArray[np.float64]) -> NDArray[np.float64]:
    tail = np.cumsum(events[::-1])[::-1]
    if tail[0] < FEW:
        first = max(tail[0], 1.0) / max(exposure[0], 1.0)
        start, log_rate = 0, np.log(first * -DECAY * WIDTH) + DECAY * (MIDDLE - FLOOR)
    else:
        wanted = max(min(TAIL_SHARE * tail[0], TAIL_MOST), min(tail[0], TAIL_LEAST))
        start = min(int(np.searchsorted(-tail, -wanted)), BINS - 20)
        log_rate = _fit(events, exposure, start)
    rate: NDArray[np.float64] = np.exp(np.clip(log_rate, -600, 0))
    seen = np.divide(events, exposure, out=rate.copy(), where=exposure > 0)
    rate[:start] = seen[:start]
    np.maximum(rate, SMALLEST, out=rate)
    return rate


def _fit(
    events: NDArray[np.float64], exposure: NDArray[np.float64], start: int
) -> NDArray[np.float64]:
    """Fit a log-quadratic rate from bin `start` on, or a log-linear one if that is not concave."""
    used = np.arange(start, BINS)[exposure[start:] > 0]
    x = MIDDLE - MIDDLE[start]
    basis = np.stack([np.ones(BINS), x, x * x], axis=1)
    level = np.log(max(events[used[:5]].sum(), 0.5) / exposure[used[:5]].sum())
    prior = np.array([level, DECAY, 0.0])
    penalty = np.array([1e-9, DECAY_SPREAD**-2, CURVATURE_SPREAD**-2])
    offset = np.log(exposure[used])
    for terms in (3, 2):
        found = _poisson(events[used], offset, basis[used, :terms], prior[:terms], penalty[:terms])
        if found[-1] < 0:
            break
    log_rate: NDArray[np.float64] = basis[:, : len(found)] @ found
    return log_rate


def _poisson(
    counts: NDArray[np.float64],
    offset: NDArray[np.float64],
    basis: NDArray[np.float64],
    prior: NDArray[np.float64],
    penalty: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Penalised Poisson regression by Newton's method, steps bounded."""
    weights = prior.copy()
    for _ in range(60):
        mean = np.exp(np.clip(basis @ weights + offset, -40, 40))
        gradient = basis.T @ (counts - mean) - penalty * (weights - prior)
        hessian = (basis * mean[:, None]).T @ basis + np.diag(penalty)
        step = np.clip(np.linalg.solve(hessian, gradient), -8, 8)
        weights += step
        if np.abs(step).max() < 1e-7:  # noqa: PLR2004 (converged)
            break
    return weights
