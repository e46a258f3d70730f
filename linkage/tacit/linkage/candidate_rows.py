"""Candidates arranged for estimation: by record, by set pair, by pattern of common fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.candidate_sums import blocks, filled, greatest
from tacit.linkage.candidates import FLOOR
from tacit.linkage.cluster import Pairs
from tacit.linkage.patterns import Patterns, SetMasks, find_patterns
from tacit.linkage.score import ScoreModel

BINS = 140
EDGES: NDArray[np.float64] = np.linspace(FLOOR, 1, BINS + 1)
MIDDLE: NDArray[np.float64] = (EDGES[1:] + EDGES[:-1]) / 2
WIDTH = (1 - FLOOR) / BINS

CELLS = 28
CELL = (1 - FLOOR) / CELLS
"""Number and width of the bins of the undamped score."""

Meetings = Mapping[tuple[int, int], NDArray[np.float64]]
"""By two sets, `Patterns.meetings` of them."""


def bin_of(score: NDArray[np.float64]) -> NDArray[np.intp]:
    """Give the bin of each score; scores outside [FLOOR, 1] go into the outermost bins."""
    return np.clip((score - FLOOR) / WIDTH, 0, BINS - 1).astype(np.intp)


def cell_of(ratio: NDArray[np.float64]) -> NDArray[np.intp]:
    """Give the bin of each undamped score."""
    return np.clip((ratio - FLOOR) / CELL, 0, CELLS - 1).astype(np.intp)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Candidates in order of row (set pair and left record), each row's best first.

    Attributes:
        order: indices of the pairs.
        starts: position of each row's best.
        counts: candidates of each row.
        best: score of each row's best.
        kind: of each row, the number of its set pair and left mask.
        patterns: shape (kinds, P), how many pairs of each pattern a row of the kind is part of.
    """

    order: NDArray[np.int32]
    starts: NDArray[np.intp]
    counts: NDArray[np.intp]
    best: NDArray[np.float64]
    kind: NDArray[np.intp]
    patterns: NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """All that estimation looks at; arrays are in the order of the pairs unless said otherwise.

    Numbers are as short as they can be: a coalition of thirty has tens of millions of candidates.

    Attributes:
        pairs: the candidates.
        sizes: records of each set.
        masks: of each set.
        patterns: of common fields.
        pattern: of each pair.
        bins: of each pair's score.
        cell: bin of each pair's score without damping.
        set_pair: left set times the number of sets plus right set.
        left: number of the left record among all records.
        right: number of the right record among all records.
        row: group of candidates of one left record in one right set; its number in `rows`.
        column: group of candidates of one right record in one left set.
        leading: whether a pair is the best of its row and of its column.
        rows: the rows.
        compared: shape (set pairs, P), pairs compared, candidates or not.
        around: of each set, shape (its distinct masks, P), pairs that a record is part of.
    """

    pairs: Pairs
    sizes: NDArray[np.int64]
    masks: tuple[SetMasks, ...]
    patterns: Patterns
    pattern: NDArray[np.int16]
    bins: NDArray[np.int16]
    cell: NDArray[np.int8]
    set_pair: NDArray[np.int32]
    left: NDArray[np.int32]
    right: NDArray[np.int32]
    row: NDArray[np.int32]
    column: NDArray[np.int32]
    leading: NDArray[np.bool_]
    rows: Rows
    compared: NDArray[np.float64]
    around: tuple[NDArray[np.float64], ...]

    @property
    def offsets(self) -> NDArray[np.int64]:
        """Give the number of each set's first record, and of all records at the end."""
        return np.concatenate([[0], np.cumsum(self.sizes)])


def arrange(pairs: Pairs, presence: Sequence[NDArray[np.uint64]], model: ScoreModel) -> Field:
    """Arrange candidates; there must be at least one.

    Args:
        pairs: everything that comparing kept, unfiltered.
        presence: presence masks of each set's records.
        model: what the pairs were scored with.
    """
    sizes = np.array([len(masks) for masks in presence], np.int64)
    sets = tuple(SetMasks.of(masks) for masks in presence)
    patterns = find_patterns(sets, model)
    offset = np.concatenate([[0], np.cumsum(sizes)])
    number, score = len(pairs), pairs.score
    left = filled(number, np.int32, lambda at: offset[pairs.left_set[at]] + pairs.left[at])
    right = filled(number, np.int32, lambda at: offset[pairs.right_set[at]] + pairs.right[at])
    every = np.concatenate(list(presence))
    pattern = filled(number, np.int16, lambda at: patterns.of(every[left[at]] & every[right[at]]))
    cell = filled(
        number,
        np.int8,
        lambda at: cell_of(np.clip(score[at] / patterns.factor[pattern[at]], 0, 1)),
    )
    set_pair = filled(
        number,
        np.int32,
        lambda at: pairs.left_set[at].astype(np.int64) * len(sizes) + pairs.right_set[at],
    )
    row, column = _group(set_pair, pairs.left, sizes), _group(set_pair, pairs.right, sizes)
    met = {
        (one, other): patterns.meetings(sets[one], sets[other])
        for one, other in permutations(range(len(sets)), 2)
    }
    return Field(
        pairs=pairs,
        sizes=sizes,
        masks=sets,
        patterns=patterns,
        pattern=pattern,
        bins=filled(number, np.int16, lambda at: bin_of(score[at])),
        cell=cell,
        set_pair=set_pair,
        left=left,
        right=right,
        row=row,
        column=column,
        leading=_is_best(score, row) & _is_best(score, column),
        rows=_rows(pairs, row, set_pair, every[left], sets, met),
        compared=_compared(sets, len(patterns), met),
        around=tuple(
            sum(
                (found for (own, _), found in met.items() if own == one),
                np.zeros((len(sets[one].distinct), len(patterns))),
            )
            for one in range(len(sets))
        ),
    )


def _rows(  # noqa: PLR0917 (all of it is what rows are made of)
    pairs: Pairs,
    row: NDArray[np.int32],
    set_pair: NDArray[np.int32],
    left_mask: NDArray[np.uint64],
    sets: Sequence[SetMasks],
    met: Meetings,
) -> Rows:
    order = _order(pairs, row)
    starts = np.flatnonzero(np.diff(row[order], prepend=-1))
    first = order[starts]
    keys = np.stack([set_pair[first].astype(np.uint64), left_mask[first]], axis=1)
    kinds, kind = np.unique(keys, axis=0, return_inverse=True)
    shares = []
    for number, mask in kinds.tolist():
        one, other = divmod(number, len(sets))
        shares.append(met[one, other][np.searchsorted(sets[one].distinct, np.uint64(mask))])
    return Rows(
        order=order,
        starts=starts,
        counts=np.diff(np.append(starts, len(order))),
        best=pairs.score[first],
        kind=kind.ravel(),
        patterns=np.stack(shares),
    )


def _compared(sets: Sequence[SetMasks], patterns: int, met: Meetings) -> NDArray[np.float64]:
    found = np.zeros((len(sets) ** 2, patterns))
    for left, right in combinations(range(len(sets)), 2):
        found[left * len(sets) + right] = sets[left].counts @ met[left, right]
    return found


def _group(
    set_pair: NDArray[np.int32], record: NDArray[np.integer[Any]], sizes: NDArray[np.int64]
) -> NDArray[np.int32]:
    """Number candidates that share set pair and record, in the order of these."""
    most = int(sizes.max())
    seen = np.zeros(len(sizes) ** 2 * most, np.bool_)
    for at in blocks(len(record)):
        seen[set_pair[at].astype(np.int64) * most + record[at]] = True
    number = np.cumsum(seen, dtype=np.int32) - np.int32(1)
    return filled(
        len(record),
        np.int32,
        lambda at: number[set_pair[at].astype(np.int64) * most + record[at]],
    )


def _order(pairs: Pairs, row: NDArray[np.int32]) -> NDArray[np.int32]:
    """Sort by row, then falling score, then right record; comparing leaves them so."""
    same, best = row[1:] == row[:-1], pairs.score[1:] == pairs.score[:-1]
    falling = (pairs.score[1:] < pairs.score[:-1]) | (best & (pairs.right[1:] >= pairs.right[:-1]))
    if ((row[1:] > row[:-1]) | (same & falling)).all():
        return np.arange(len(row), dtype=np.int32)
    return np.lexsort((pairs.right, -pairs.score, row)).astype(np.int32)


def _is_best(score: NDArray[np.float64], group: NDArray[np.int32]) -> NDArray[np.bool_]:
    best = greatest(group, score, int(group.max()) + 1)
    return filled(len(score), np.bool_, lambda at: score[at] >= best[group[at]])
