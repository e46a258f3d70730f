"""The compiled loops of the comparison. Importing this compiles them, once per machine.

CLKs of the columns lie word-major, so that the overlap of one row with many columns is a loop
that LLVM turns into vector instructions; counting all words so is faster than leaving early. The
least overlap that reaches a score is linear in per-column numbers once both presence masks are
fixed (see `tacit.linkage.score`), so rows and columns come sorted by mask, and logarithms are
taken for kept pairs only.
"""

from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from numba import types
from numba.extending import intrinsic

TINY = 1e-12  # against dividing by the weight of two empty filters


def _jit(signature: str | None = None) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Compile without the GIL, cached on disk where that is possible."""

    def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
        options: dict[str, Any] = {"nogil": True}
        try:
            kernel: Callable[..., Any] = numba.njit(signature, cache=True, **options)(function)
        except RuntimeError:  # no writable place for the cache: each process compiles
            kernel = numba.njit(signature, **options)(function)
        return kernel

    return compiled


def _popcount_of(_context: Any, _word: Any) -> Any:
    def generate(_target: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.ctpop(arguments[0])

    return types.uint64(types.uint64), generate


_popcount: Callable[..., Any] = intrinsic(_popcount_of)


@_jit()
def _count(row: Any, words: Any, first: Any, overlap: Any) -> None:
    """Count the bits that `row` shares with the columns from `first` on."""
    overlap[:] = 0
    whole = row.size - row.size % 4
    stop = first + overlap.size
    for w in range(0, whole, 4):
        r0, r1, r2, r3 = row[w], row[w + 1], row[w + 2], row[w + 3]
        c0, c1 = words[w, first:stop], words[w + 1, first:stop]
        c2, c3 = words[w + 2, first:stop], words[w + 3, first:stop]
        for j in range(overlap.size):
            overlap[j] += np.int64(
                _popcount(r0 & c0[j])
                + _popcount(r1 & c1[j])
                + _popcount(r2 & c2[j])
                + _popcount(r3 & c3[j])
            )
    for w in range(whole, row.size):
        r0, c0 = row[w], words[w, first:stop]
        for j in range(overlap.size):
            overlap[j] += np.int64(_popcount(r0 & c0[j]))


@_jit()
def _keep(score: Any, column: Any, count: Any, kept: Any, scores: Any) -> Any:
    """Insert a pair into a row's best, which fall; give the new count."""
    n = count
    if n == kept.size:
        if score <= scores[n - 1]:
            return count
        n -= 1
    while n > 0 and scores[n - 1] < score:
        scores[n] = scores[n - 1]
        kept[n] = kept[n - 1]
        n -= 1
    scores[n] = score
    kept[n] = column
    return min(count + 1, kept.size)


@_jit(
    "void(u8[:,::1],f8[:,::1],i8[::1],u8[:,::1],f8[:,::1],i8[:,::1],f8[:,::1],f8[:,::1],f8,f8,"
    "i4[:,::1],f4[:,::1],i4[::1])"
)
def compare_sorted(  # noqa: PLR0917 (one loop nest, so that LLVM sees all of it)
    rows: Any,  # (n, words) CLKs, sorted by mask
    row_facts: Any,  # (n, 3): popcount, zero share, -ln zero share / weight
    row_masks: Any,  # (n,): index into the masks of rows
    words: Any,  # (words, m) CLKs of the columns, sorted by mask
    facts: Any,  # (3, m): as row_facts
    blocks: Any,  # (blocks, 3): first column, one past the last, index of their common mask
    common: Any,  # (masks of rows, masks of columns): weight of the fields in common
    damping: Any,  # the same shape: factor for these
    length: Any,
    floor: Any,
    kept: Any,  # (n, KEEP): positions of columns, best first
    scores: Any,  # (n, KEEP)
    counts: Any,  # (n,): how many are kept
) -> None:
    """Keep the best columns of each row in the last three arguments."""
    for block in range(blocks.shape[0]):
        first, stop, column_mask = blocks[block]
        overlap = np.zeros(stop - first, np.int64)
        count, zero, rate = facts[0, first:stop], facts[1, first:stop], facts[2, first:stop]
        grown = np.zeros(overlap.size, np.float64)
        hits = np.zeros(overlap.size, np.uint8)
        for i in range(rows.shape[0]):
            mask = row_masks[i]
            half, factor = common[mask, column_mask] / 2, damping[mask, column_mask]
            if half <= 0 or factor < floor:
                continue
            _count(rows[i], words, first, overlap)
            chance, room = row_facts[i, 0] / length, length * row_facts[i, 1]
            growth = row_facts[i, 2]
            exponent = half * floor / factor
            if i == 0 or row_masks[i - 1] != mask:
                for j in range(overlap.size):
                    grown[j] = zero[j] * np.exp(exponent * rate[j])
            scale = room * np.exp(exponent * growth)
            found = 0
            for j in range(overlap.size):
                least = chance * count[j] + scale * grown[j] - room * zero[j]
                hits[j] = overlap[j] >= least - 1e-6
                found += hits[j]
            for j in range(overlap.size if found else 0):
                if hits[j]:
                    excess = (overlap[j] - chance * count[j]) / (room * zero[j])
                    agreed = max(half * (growth + rate[j]), TINY)
                    ratio = np.log1p(excess) / agreed
                    score = np.float32(min(ratio, 1.0) * factor)
                    if score >= floor:
                        counts[i] = _keep(score, first + j, counts[i], kept[i], scores[i])
