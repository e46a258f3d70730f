"""From scored pairs to match groups: at most one record of each member in a group.

The greedy multi-party solver is anonlink's (`anonlink.solving`, Apache-2.0): pairs are taken by
falling score, and two groups merge only if they share no member and enough of the pairs between
them are candidates. Ties are broken by set index, then record index, so the result is determined.
"""

from dataclasses import dataclass

import numpy as np
from anonlink.solving import probabilistic_greedy_solve
from numpy.typing import NDArray

MERGE = 0.5
"""Least share of pairs between two groups that must be candidates for the groups to merge."""


@dataclass(frozen=True, slots=True)
class Link:
    """Two records of different sets held to be the same person.

    Attributes:
        left: (set index, record index), with the lower set index.
        right: (set index, record index).
        score: the pair's score, in [0, 1].
    """

    left: tuple[int, int]
    right: tuple[int, int]
    score: float


@dataclass(frozen=True, slots=True)
class Group:
    """Records held to be one person, at most one of each set.

    Attributes:
        members: (set index, record index), ascending.
        links: scored pairs within the group, ascending; two members without a link were joined
            through a third.
    """

    members: tuple[tuple[int, int], ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Scored pairs of all sets as parallel arrays, left set index below the right one.

    Attributes:
        left_set: int64.
        left: int64, record index in the left set.
        right_set: int64.
        right: int64.
        score: float64.
    """

    left_set: NDArray[np.int64]
    left: NDArray[np.int64]
    right_set: NDArray[np.int64]
    right: NDArray[np.int64]
    score: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.score)

    def take(self, index: NDArray[np.intp] | NDArray[np.bool_]) -> "Pairs":
        """Select pairs by index or mask."""
        return Pairs(
            self.left_set[index],
            self.left[index],
            self.right_set[index],
            self.right[index],
            self.score[index],
        )

    def ranked(self) -> "Pairs":
        """Sort by falling score, ties by set and record index."""
        keys = (self.right, self.left, self.right_set, self.left_set, -self.score)
        return self.take(np.lexsort(keys))


def groups(pairs: Pairs, merge: float = MERGE) -> tuple[Group, ...]:
    """Solve: put records into groups, best pairs first.

    Args:
        pairs: candidates at or above the threshold, each at most once.
        merge: see `MERGE`; 1 merges only where every pair is a candidate.

    Returns:
        Groups of two or more, ordered by their first member.
    """
    ranked = pairs.ranked()
    if not len(ranked):
        return ()
    found = probabilistic_greedy_solve(
        (
            ranked.score,
            (ranked.left_set.astype(np.uint32), ranked.right_set.astype(np.uint32)),
            (ranked.left.astype(np.uint32), ranked.right.astype(np.uint32)),
        ),
        merge_threshold=merge,
        deduplicated=True,
    )
    members = sorted(tuple(sorted((int(s), int(r)) for s, r in group)) for group in found)
    return _with_links(members, pairs)


def _with_links(members: list[tuple[tuple[int, int], ...]], pairs: Pairs) -> tuple[Group, ...]:
    group_of = {record: index for index, group in enumerate(members) for record in group}
    links: list[list[Link]] = [[] for _ in members]
    columns = (pairs.left_set, pairs.left, pairs.right_set, pairs.right, pairs.score)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for left_set, left, right_set, right, score in rows:
        index = group_of.get((left_set, left))
        if index is not None and group_of.get((right_set, right)) == index:
            links[index].append(Link((left_set, left), (right_set, right), score))
    return tuple(
        Group(group, tuple(sorted(found, key=lambda link: (link.left, link.right))))
        for group, found in zip(members, links, strict=True)
    )
