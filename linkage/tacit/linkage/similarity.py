"""Exact comparison of two encoded sets: every pair is scored, the promising ones are kept."""

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.candidates import FLOOR, KEEP, Candidates
from tacit.linkage.records import EncodedSet
from tacit.linkage.score import ScoreModel, damp, mask_weights, popcounts, zero_share

BLOCK = 2048
"""Most columns compared at a time: their CLKs stay in the second-level cache."""


def _facts(model: ScoreModel, records: EncodedSet) -> NDArray[np.float64]:
    """Give popcount, zero share and -ln zero share per weight of each record, shape (3, n)."""
    counts = popcounts(records.clks)
    zero = zero_share(model, counts)
    weight = mask_weights(model, records.presence)
    rate = np.divide(-np.log(zero), weight, out=np.zeros(len(records)), where=weight > 0)
    return np.stack([counts.astype(np.float64), zero, rate])


def compare_rows(
    model: ScoreModel, left: EncodedSet, right: EncodedSet, floor: float = FLOOR
) -> Candidates:
    """Score all pairs of two sets and keep, for each row of `left`, the best of `right`.

    At most `KEEP` pairs are kept for a row, those of highest score; between equals those whose
    mask, then whose index, is lower. Time is linear in pairs times CLK length.

    Raises:
        ValueError: the CLKs' lengths differ from the model's.
    """
    if not len(left) or not len(right):
        return Candidates.none()
    words = -(-model.length // 64)
    if left.clks.shape[1] != words or right.clks.shape[1] != words:
        raise ValueError("the CLKs' length is not the model's")
    # Only here, as loading the compiler takes over a second that most commands need not wait.
    from tacit.linkage.kernel import compare_sorted  # noqa: PLC0415

    row_order = np.argsort(left.presence, kind="stable")
    column_order = np.argsort(right.presence, kind="stable")
    row_masks, row_index = np.unique(left.presence[row_order], return_inverse=True)
    column_masks, first = np.unique(right.presence[column_order], return_index=True)
    weight = mask_weights(model, row_masks[:, None] & column_masks[None, :])
    kept = np.zeros((len(left), KEEP), np.int32)
    scores = np.zeros((len(left), KEEP), np.float32)
    counts = np.zeros(len(left), np.int32)
    compare_sorted(
        np.ascontiguousarray(left.clks[row_order]),
        np.ascontiguousarray(_facts(model, left)[:, row_order].T),
        row_index.astype(np.int64),
        np.ascontiguousarray(right.clks[column_order].T),
        np.ascontiguousarray(_facts(model, right)[:, column_order]),
        _blocks(first, len(right)),
        weight,
        damp(model, weight / sum(model.weights)),
        float(model.length),
        float(floor),
        kept,
        scores,
        counts,
    )
    used = np.arange(KEEP)[None, :] < counts[:, None]
    rows = np.repeat(row_order, counts).astype(np.int32)
    columns = column_order[kept[used]].astype(np.int32)
    values = scores[used]
    order = np.lexsort((columns, -values, rows))
    return Candidates(rows[order], columns[order], values[order])


def _blocks(first: NDArray[np.intp], columns: int) -> NDArray[np.int64]:
    """Cut columns, sorted by mask, into blocks of one mask: (first, one past the last, mask)."""
    bounds = [*first.tolist(), columns]
    return np.array(
        [
            (start, min(start + BLOCK, bounds[mask + 1]), mask)
            for mask in range(len(first))
            for start in range(bounds[mask], bounds[mask + 1], BLOCK)
        ],
        np.int64,
    )
