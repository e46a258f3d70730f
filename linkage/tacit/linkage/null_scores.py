"""How often pairs that do not match reach a score, learnt from the pairs themselves.

Of a record's candidates in another set at most one is its match, and that is nearly always the
best; all that score less are samples of non-matches, seen below the best score. So the rate of
non-matches at a score is their number there over the pairs that could have shown one there, as
in the life-table estimate of Nelson (1969) and Aalen (1978) for censored data. Unlike the scores
of all best candidates of records without a match, it has no selection of maxima in it. Records
whose best candidate is a likely match count most: others with a high best score are those that
resemble many.

Where events grow few, their logarithm is a spline in the score with its second differences kept
small (Eilers and Marx, 1996), plus for each pattern of common fields a level and a slope drawn
towards none, plus the chance that everything compared agrees; fitted by penalised Poisson
regression. That carries each pattern's rate on to where no event was seen.
"""

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.candidate_rows import BINS, EDGES, MIDDLE, WIDTH, Field, bin_of
from tacit.linkage.candidate_sums import blocks, sums
from tacit.linkage.candidates import KEEP
from tacit.linkage.patterns import Patterns
from tacit.linkage.poisson import penalised_poisson

LEAST_WEIGHT, ENOUGH_MATCHES = 0.02, 50.0
"""A record without a likely match weighs this share of the likely matches (at least; at most 1).

They would bias the rate upwards, but where next to nothing matches there is nothing else.
"""

TAIL_SHARE, TAIL_LEAST = 0.6, 30.0
"""The regression covers this share of the events, those of highest score, and at least so many."""

LEAST_BINS = 25
KNOT = 0.04
BEND = 0.5
"""Distance of the spline's knots in score, and how far its slope may change from one to the next."""

DECAY, DECAY_SPREAD = -25.0, 15.0
"""Expected slope of the log rate per unit of score, and how far off it may be."""

LEVEL_SPREAD = 0.7
"""How far a pattern's level and slope (per fifth of the score) may lie from those of all."""

COVERAGE_SPREAD = 10.0
ALL_AGREE, AGREE_SPREAD = 0.97, 1.5
"""From this ratio on everything agrees but for slips; how much more often that may happen by
chance than the spline carries on, in its logarithm."""

BODY_WEIGHT = 5.0
"""Pairs by which a pattern's rate in the body is drawn towards that of all patterns."""

SAME_AGAIN = 0.85
"""Share of the best score below which a candidate is another person, in sets with repetitions."""

BELIEVED_PAIRS, BELIEVED_SHARE = 50.0, 0.01
"""Before anything is seen, such a share of so many pairs is taken to score above the floor, fewer
the higher as `DECAY` has it: sets of a few records show no non-matches at all."""

NOBODY: NDArray[np.intp] = np.zeros(0, np.intp)
SMALLEST = 1e-300


def null_rates(
    field: Field,
    posterior: NDArray[np.float64],
    several: NDArray[np.intp] = NOBODY,
) -> NDArray[np.float64]:
    """Give the share of non-matching pairs that score in each bin, by pattern, shape (P, BINS).

    Args:
        field: all candidates.
        posterior: match probability of each pair.
        several: indices of the sets that may hold a person more than once.
    """
    events, exposure = _events(field, posterior, several)
    compared = field.compared.sum(axis=0)[:, None]
    believed = BELIEVED_PAIRS * compared / max(compared.sum(), 1.0)
    falling = -np.diff(np.exp(DECAY * (EDGES - EDGES[0])))
    events, exposure = events + believed * BELIEVED_SHARE * falling, exposure + believed
    total, room = events.sum(axis=0), exposure.sum(axis=0)
    tail = np.cumsum(total[::-1])[::-1]
    wanted = max(TAIL_SHARE * tail[0], min(tail[0], TAIL_LEAST))
    start = min(int(np.searchsorted(-tail, -wanted)), BINS - LEAST_BINS)
    rates = np.empty_like(events)
    rates[:, start:] = _carried_on(events, exposure, field.patterns, start)
    usual = np.divide(total, room, out=np.full(BINS, WIDTH), where=room > 0)[:start]
    body, seen = events[:, :start], exposure[:, :start]
    rates[:, :start] = (body + BODY_WEIGHT * usual) / (seen + BODY_WEIGHT)
    found: NDArray[np.float64] = np.maximum(rates, SMALLEST)
    return found


def _events(
    field: Field, posterior: NDArray[np.float64], several: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count weighted non-matches and the weighted pairs that could have been one, (P, BINS)."""
    rows, patterns = field.rows, len(field.patterns)
    first = rows.order[rows.starts]
    likely = posterior[first]
    weight = likely + np.clip(ENOUGH_MATCHES / max(likely.sum(), 1.0), LEAST_WEIGHT, 1.0)
    # A full row lost the candidates below its last one: it is seen above the last one's bin only.
    last = field.bins[rows.order[rows.starts + rows.counts - 1]].astype(np.int64)
    lowest = np.where(rows.counts >= KEEP, last + 1, 0)
    # Where a person may be held twice, what scores nearly as much as the best may be it again.
    repeats = np.isin(field.pairs.right_set[first], several)
    ceiling = np.where(repeats, rows.best * SAME_AGAIN, rows.best)
    top = bin_of(ceiling)
    events = np.zeros(patterns * BINS)
    for at in blocks(len(rows.order)):
        pair = rows.order[at]
        row, bins = field.row[pair], field.bins[pair]
        used = (bins >= lowest[row]) & (~repeats[row] | (bins < top[row]))
        used &= np.arange(at.start, at.stop) != rows.starts[row]
        pair, row, bins = pair[used], row[used], bins[used]
        cell = field.pattern[pair].astype(np.int64) * BINS + bins
        np.add.at(events, cell, weight[row] * (1 - posterior[pair]))
    kinds = len(rows.patterns)
    start = rows.kind * (BINS + 1)
    opened = sums(start + lowest, weight, kinds * (BINS + 1))
    closed = sums(start + np.maximum(top, lowest), weight, kinds * (BINS + 1))
    seen = np.cumsum((opened - closed).reshape(kinds, -1), axis=1)[:, :BINS]
    part = np.clip((ceiling - EDGES[top]) / WIDTH, 0, 1)
    partly = np.where(top >= lowest, part * weight, 0)
    seen += sums(rows.kind * BINS + top, partly, kinds * BINS).reshape(kinds, BINS)
    return events.reshape(patterns, BINS), rows.patterns.T @ np.maximum(seen, 0)


def _carried_on(
    events: NDArray[np.float64],
    exposure: NDArray[np.float64],
    patterns: Patterns,
    start: int,
) -> NDArray[np.float64]:
    """Fit the regression from bin `start` on; gives rates of shape (P, BINS - start)."""
    score = MIDDLE[start:] - MIDDLE[start]
    knots = int(np.ceil(score[-1] / KNOT)) + 1
    hats = np.maximum(0, 1 - np.abs(score[:, None] / score[-1] * (knots - 1) - np.arange(knots)))
    step = score[-1] / (knots - 1)
    which = np.repeat(np.arange(len(patterns)), len(score))
    along = np.tile(score, len(patterns)) * 5
    usual = patterns.coverage @ exposure[:, start] / max(exposure[:, start].sum(), 1e-9)
    more = (patterns.coverage - usual)[which]
    ratio = np.tile(MIDDLE[start:], len(patterns)) / patterns.factor[which]
    agree = ((ratio >= ALL_AGREE) & (ratio < 1 + WIDTH)).astype(np.float64)
    own = np.equal(which[:, None], np.arange(len(patterns))).astype(np.float64)
    shared = np.stack([more, more * along, agree, agree * more * 5], axis=1)
    basis = np.hstack([np.tile(hats, (len(patterns), 1)), shared, own, own * along[:, None]])
    spread = np.concatenate(
        [
            [COVERAGE_SPREAD, COVERAGE_SPREAD / 2, AGREE_SPREAD, AGREE_SPREAD],
            np.full(2 * len(patterns), LEVEL_SPREAD),
        ]
    )
    penalty = np.diag(np.concatenate([np.zeros(knots), spread**-2.0]))
    penalty[:knots, :knots], pull_knots = _spline_penalty(knots, step)
    pull = np.concatenate([pull_knots, np.zeros(len(spread))])
    first = slice(start, start + 5)
    level = np.log(max(events[:, first].sum(), 0.5) / max(exposure[:, first].sum(), 1e-9))
    guess = np.concatenate([level + DECAY * step * np.arange(knots), np.zeros(len(spread))])
    counts, room = events[:, start:].ravel(), exposure[:, start:].ravel()
    seen = room > 1e-12  # noqa: PLR2004 (no pair could have shown an event)
    weights = penalised_poisson(counts[seen], np.log(room[seen]), basis[seen], penalty, pull, guess)
    rates: NDArray[np.float64] = np.exp(np.clip(basis @ weights, -600, 0))
    return rates.reshape(len(patterns), -1)


def _spline_penalty(knots: int, step: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the quadratic penalty on the knots' values, and its pull towards the usual slope."""
    slope = np.diff(np.eye(knots), axis=0)
    bend = np.diff(np.eye(knots), 2, axis=0)
    loose = 0.5 / (DECAY_SPREAD * step) ** 2
    penalty = loose * slope.T @ slope + bend.T @ bend / (BEND * (step / KNOT) ** 2) ** 2
    pull = loose * slope.T @ np.full(knots - 1, DECAY * step)
    return penalty + 1e-9 * np.eye(knots), pull
