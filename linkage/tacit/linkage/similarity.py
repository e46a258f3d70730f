"""Exact comparison of two encoded sets: every pair is scored, the promising ones are kept.

The kernel compares one row of the left set with all columns of the right set at a time. CLKs of
the right set lie word-major, so that the overlap of one row with many columns is a loop that
LLVM turns into vector instructions; counting all words so is faster than leaving early. The
least overlap that reaches a score of `FLOOR` is linear in per-column numbers once both presence
masks are fixed (see `tacit.linkage.score`), so rows and columns are sorted by mask, and
logarithms are taken for kept pairs only.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic
from numpy.typing import NDArray

from tacit.linkage.candidates import BINS, Candidates
from tacit.linkage.records import EncodedSet
from tacit.linkage.score import ScoreModel, damp, mask_weights, popcounts, zero_share

FLOOR = 0.3
"""Pairs that score less are never kept: no useful threshold goes so low."""

KEEP = 16
"""At most so many columns are kept for a row, the best ones: memory stays within rows * KEEP."""

SAMPLE = 2_000_000
"""About so many pairs of a task are counted in its histogram, or all if there are fewer."""

_F = TypeVar("_F", bound=Callable[..., Any])


@intrinsic
def _popcount(_context: Any, _word: Any) -> Any:
    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


def _jit(signature: str) -> Callable[[_F], _F]:
    """Compile for one signature, without the GIL, cached on disk where that is possible."""

    def compiled(function: _F) -> _F:
        try:
            kernel: _F = numba.njit(signature, nogil=True, cache=True)(function)
        except RuntimeError:  # no writable place for the cache: each process compiles
            kernel = numba.njit(signature, nogil=True)(function)
        return kernel

    return compiled


@_jit(
    "void(u8[:,::1],f8[:,::1],i8[::1],u8[:,::1],f8[:,::1],i8[::1],f8[:,::1],f8[:,::1],f8,f8,"
    "i8[::1],i8[::1],i4[:,::1],f4[:,::1],i4[::1])"
)
def _kernel(
    rows: Any,  # (n, words) CLKs, sorted by mask
    row_facts: Any,  # (n, 3): popcount, zero share, -ln zero share / weight
    row_masks: Any,  # (n,): index into the masks of rows
    words: Any,  # (words, m) CLKs of the columns, sorted by mask
    facts: Any,  # (3, m): as row_facts
    starts: Any,  # (segments + 1,): first column of each mask of columns
    common: Any,  # (masks of rows, segments): weight of the fields in common
    damping: Any,  # (masks of rows, segments): factor for these
    length: Any,
    floor: Any,
    counted: Any,  # (n,) 1 where the row goes into the histogram
    histogram: Any,  # (BINS,)
    kept: Any,  # (n, KEEP) positions of columns, best first
    scores: Any,  # (n, KEEP)
    counts: Any,  # (n,) how many are kept
) -> None:
    columns = words.shape[1]
    width = words.shape[0]
    whole = width - width % 4
    keep = kept.shape[1]
    bins = histogram.size
    overlap = np.zeros(columns, np.int64)
    grown = np.zeros(columns, np.float64)
    hits = np.zeros(columns, np.uint8)
    for i in range(rows.shape[0]):
        overlap[:] = 0
        for w in range(0, whole, 4):
            r0, r1, r2, r3 = rows[i, w], rows[i, w + 1], rows[i, w + 2], rows[i, w + 3]
            c0, c1, c2, c3 = words[w], words[w + 1], words[w + 2], words[w + 3]
            for j in range(columns):
                overlap[j] += np.int64(
                    _popcount(r0 & c0[j])
                    + _popcount(r1 & c1[j])
                    + _popcount(r2 & c2[j])
                    + _popcount(r3 & c3[j])
                )
        for w in range(whole, width):
            r0, c0 = rows[i, w], words[w]
            for j in range(columns):
                overlap[j] += np.int64(_popcount(r0 & c0[j]))
        mask = row_masks[i]
        chance = row_facts[i, 0] / length
        room = length * row_facts[i, 1]
        growth = row_facts[i, 2]
        fresh = i == 0 or row_masks[i - 1] != mask
        for s in range(starts.size - 1):
            first, last = starts[s], starts[s + 1]
            if common[mask, s] <= 0:
                if counted[i]:
                    histogram[0] += last - first
                continue
            half = common[mask, s] / 2
            factor = damping[mask, s]
            if factor >= floor:
                exponent = half * floor / factor
                if fresh:
                    for j in range(first, last):
                        grown[j] = facts[1, j] * np.exp(exponent * facts[2, j])
                scale = room * np.exp(exponent * growth)
                found = 0
                for j in range(first, last):
                    least = chance * facts[0, j] + scale * grown[j] - room * facts[1, j]
                    hit = overlap[j] >= least - 1e-6
                    hits[j] = hit
                    found += hit
                if found:
                    for j in range(first, last):
                        if not hits[j]:
                            continue
                        excess = (overlap[j] - chance * facts[0, j]) / (room * facts[1, j])
                        ratio = np.log1p(excess) / (half * (growth + facts[2, j]))
                        score = np.float32(min(ratio, 1.0) * factor)
                        if score < floor:
                            continue
                        n = counts[i]
                        if n == keep and score <= scores[i, n - 1]:
                            continue
                        if n < keep:
                            counts[i] = n + 1
                        else:
                            n = keep - 1
                        while n > 0 and scores[i, n - 1] < score:
                            scores[i, n] = scores[i, n - 1]
                            kept[i, n] = kept[i, n - 1]
                            n -= 1
                        scores[i, n] = score
                        kept[i, n] = j
            if counted[i]:
                for j in range(first, last):
                    excess = (overlap[j] - chance * facts[0, j]) / (room * facts[1, j])
                    ratio = np.log1p(max(excess, 0.0)) / (half * (growth + facts[2, j]))
                    score = min(ratio, 1.0) * factor
                    histogram[min(int(score * bins), bins - 1)] += 1


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
    if left.clks.shape[1] * 64 != model.length or right.clks.shape[1] * 64 != model.length:
        raise ValueError("the CLKs' length is not the model's")
    row_order = np.argsort(left.presence, kind="stable")
    column_order = np.argsort(right.presence, kind="stable")
    row_masks, row_index = np.unique(left.presence[row_order], return_inverse=True)
    column_masks, first = np.unique(right.presence[column_order], return_index=True)
    weight = mask_weights(model, row_masks[:, None] & column_masks[None, :])
    stride = max(1, len(left) * len(right) // SAMPLE)
    histogram = np.zeros(BINS, np.int64)
    kept = np.zeros((len(left), KEEP), np.int32)
    scores = np.zeros((len(left), KEEP), np.float32)
    counts = np.zeros(len(left), np.int32)
    _kernel(
        np.ascontiguousarray(left.clks[row_order]),
        np.ascontiguousarray(_facts(model, left)[:, row_order].T),
        row_index.astype(np.int64),
        np.ascontiguousarray(right.clks[column_order].T),
        np.ascontiguousarray(_facts(model, right)[:, column_order]),
        np.append(first, len(right)).astype(np.int64),
        weight,
        damp(model, weight / sum(model.weights)),
        float(model.length),
        float(floor),
        (row_order % stride == 0).astype(np.int64),
        histogram,
        kept,
        scores,
        counts,
    )
    used = np.arange(KEEP)[None, :] < counts[:, None]
    rows = np.repeat(row_order, counts).astype(np.int32)
    columns = column_order[kept[used]].astype(np.int32)
    values = scores[used]
    order = np.lexsort((columns, -values, rows))
    return Candidates(rows[order], columns[order], values[order], histogram, stride)
