"""How many look-alikes each record has: "John" without a birth date resembles many.

A frailty in the sense of survival analysis (Clayton, 1978): what the rate of non-matches is to be
multiplied with for a record, seen in how many of its candidates that are no matches score above a
level against how many were to be expected of a record with its fields. It is drawn towards 1 the
more, the less the records of the data differ in it (a gamma prior fitted by moments).
"""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.candidate_rows import BINS, Field
from tacit.linkage.candidate_sums import filled, sums

PER_RECORD = 12.0
"""The level is where non-matches number so many a record, with all its sets taken together."""

POWER = 0.9
"""Of the product of both records' frailties: they are not independent in a pair that is alike."""

LEAST_SPREAD, MOST_SPREAD = 0.05, 20.0
"""Bounds on the variance of the frailties of one data set."""


def look_alikes(
    field: Field, posterior: NDArray[np.float64], rates: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Give what each pair's rate of non-matches is to be multiplied with; the pair left out of it.

    Args:
        field: all candidates.
        posterior: match probability of each pair.
        rates: as `null_scores.null_rates` gives them.
    """
    records = int(field.sizes.sum())
    level = _level(field, posterior, PER_RECORD * records / 2)
    weight = filled(
        len(posterior),
        np.float64,
        lambda at: np.where(field.bins[at] >= level, 1 - posterior[at], 0),
    )
    seen = sums(field.left, weight, records) + sums(field.right, weight, records)
    expected = _expected(field, rates[:, level:].sum(axis=1), seen)
    spread = ((seen - expected) ** 2 - expected).sum() / max((expected**2).sum(), 1e-9)
    prior = 1 / np.clip(spread, LEAST_SPREAD, MOST_SPREAD)

    def frailty(record: NDArray[np.int32], own: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = (seen[record] - own + prior) / (expected[record] + prior)
        return found

    return filled(
        len(posterior),
        np.float64,
        lambda at: (
            (frailty(field.left[at], weight[at]) * frailty(field.right[at], weight[at])) ** POWER
        ),
    )


def _level(field: Field, posterior: NDArray[np.float64], wished: float) -> int:
    """Give the highest bin from which on there are as many non-matches as wished, or the lowest."""
    above = np.cumsum(sums(field.bins, 1 - posterior, BINS)[::-1])
    level = BINS - 1 - int(np.searchsorted(above, wished))
    return max(level, int(field.bins.min()))


def _expected(
    field: Field, above: NDArray[np.float64], seen: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Expect look-alikes of each record by its fields; on average of a set what was seen there."""
    offset = field.offsets
    expected = np.concatenate(
        [(met @ above)[of.index] for of, met in zip(field.masks, field.around, strict=True)]
    )
    for first, end in pairwise(offset.tolist()):
        part = expected[first:end]
        if part.sum() > 0:
            part *= seen[first:end].sum() / part.sum()
    return expected
