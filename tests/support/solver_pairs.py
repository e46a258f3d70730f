"""Scored pairs for the solver's tests, and anonlink's answer to them."""

from itertools import combinations

import numpy as np
from anonlink.solving import probabilistic_greedy_solve
from hypothesis import strategies as st

from tacit.linkage.cluster import Pairs
from tacit.linkage.constraints import Constraints, Record

Row = tuple[int, int, int, int, float]
TWENTIETHS = st.integers(1, 20).map(lambda number: number / 20)


def pairs_of(rows: list[Row]) -> Pairs:
    sets, records, others, matches = np.array([row[:4] for row in rows], np.int64).reshape(-1, 4).T
    return Pairs(sets, records, others, matches, np.array([row[4] for row in rows], np.float64))


def anonlink_groups(pairs: Pairs) -> list[tuple[Record, ...]]:
    ranked = pairs.ranked()
    sets = (ranked.left_set.astype(np.uint32), ranked.right_set.astype(np.uint32))
    records = (ranked.left.astype(np.uint32), ranked.right.astype(np.uint32))
    found = probabilistic_greedy_solve((ranked.score, sets, records), deduplicated=True)
    return sorted(tuple(sorted((int(s), int(r)) for s, r in group)) for group in found)


@st.composite
def candidates(
    draw: st.DrawFn,
    most_sets: int = 5,
    scores: st.SearchStrategy[float] = TWENTIETHS,
) -> Pairs:
    sets, records = draw(st.integers(2, most_sets)), draw(st.integers(1, 6))
    every = [
        (left, one, right, other)
        for left, right in combinations(range(sets), 2)
        for one in range(records)
        for other in range(records)
    ]
    chosen = draw(st.lists(st.sampled_from(every), unique=True, max_size=70))
    return pairs_of([(*pair, draw(scores)) for pair in chosen])


RECORDS = st.tuples(st.integers(0, 4), st.integers(0, 5))
SOME = st.lists(st.tuples(RECORDS, RECORDS), max_size=4).map(tuple)


@st.composite
def constraints(draw: st.DrawFn) -> Constraints:
    """Known links, non-links and members; some of them contradict each other."""
    several = draw(st.frozensets(st.integers(0, 4), max_size=3))
    return Constraints(draw(SOME), draw(SOME), several)
