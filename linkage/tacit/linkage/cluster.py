"""From scored pairs to match groups: at most one record of each member in a group.

The greedy multi-party method is anonlink's (`anonlink.solving.probabilistic_greedy_solve`): pairs
are taken by falling score, and two groups merge only if they share no set and enough of the pairs
between them have come up. Ties are broken by set index, then record index, so the result is
determined. The code is our own because it hands out each merge as it happens: the groups at every
threshold follow from one pass, where anonlink solves anew for each (docs/evaluation.md has the
times). A test holds the two to the same groups.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.constraints import NO_CONSTRAINTS, Constraints, Record, known_groups, rivals

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

    left: Record
    right: Record
    score: float


@dataclass(frozen=True, slots=True)
class Group:
    """Records held to be one person, at most one of each deduplicated set.

    Attributes:
        members: (set index, record index), ascending.
        links: scored pairs within the group, ascending; two members without a link were joined
            through a third.
    """

    members: tuple[Record, ...]
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


@dataclass(frozen=True, slots=True)
class Merge:
    """Two groups became one.

    Attributes:
        position: of the pair that did it, among the ranked pairs; -1 for known links.
        left: members of the one group, (set index, record index).
        right: members of the other.
    """

    position: int
    left: tuple[Record, ...]
    right: tuple[Record, ...]


class _Cluster:
    """Records in one group so far, and how many pairs came up towards other groups."""

    __slots__ = ("apart", "pending", "records", "sets")

    def __init__(self, record: Record, constraints: Constraints, apart: frozenset[Record]) -> None:
        self.records = [record]
        self.sets = 0 if record[0] in constraints.several else 1 << record[0]
        self.apart = apart
        self.pending: defaultdict[_Cluster, int] = defaultdict(int)

    def excludes(self, other: "_Cluster") -> bool:
        """Tell whether the two must not merge, whatever the scores say."""
        return bool(self.sets & other.sets) or not self.apart.isdisjoint(other.records)


class _Clusters:
    """The group of each record; made when the record first comes up."""

    def __init__(self, constraints: Constraints) -> None:
        self._constraints = constraints
        self._rivals = rivals(constraints)
        self._of: dict[Record, _Cluster] = {}

    def of(self, record: Record) -> _Cluster:
        found = self._of.get(record)
        if found is None:
            apart = self._rivals.get(record, frozenset())
            found = self._of[record] = _Cluster(record, self._constraints, apart)
        return found

    def join(self, one: _Cluster, other: _Cluster, position: int) -> Merge:
        """Take `other` into `one`, with the pairs that came up towards third groups."""
        made = Merge(position, tuple(one.records), tuple(other.records))
        one.records += other.records
        one.sets |= other.sets
        one.apart |= other.apart
        one.pending.pop(other, None)
        other.pending.pop(one, None)
        for third, met in other.pending.items():
            one.pending[third] += met
            third.pending[one] += met
            del third.pending[other]
        self._of.update(dict.fromkeys(other.records, one))
        return made


def merges(
    ranked: Pairs, merge: float = MERGE, constraints: Constraints = NO_CONSTRAINTS
) -> Iterator[Merge]:
    """Solve step by step.

    Args:
        ranked: candidates by falling score, each at most once; what was yielded up to a position
            makes the groups for a threshold of that pair's score.
        merge: see `MERGE`; 1 merges only where every pair is a candidate.
        constraints: known links, which merge first, and what must not merge.

    Raises:
        TacitError: CONTRADICTION; the constraints cannot all hold.
    """
    clusters = _Clusters(constraints)
    for known in known_groups(constraints):
        one = clusters.of(known[0])
        for record in known[1:]:
            yield clusters.join(one, clusters.of(record), -1)
    columns = (ranked.left_set, ranked.left, ranked.right_set, ranked.right)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for position, (left_set, left, right_set, right) in enumerate(rows):
        one, other = clusters.of((left_set, left)), clusters.of((right_set, right))
        if one is other or one.excludes(other):
            continue
        met = one.pending[other] + 1
        if met < merge * len(one.records) * len(other.records):
            one.pending[other] = other.pending[one] = met
            continue
        yield clusters.join(one, other, position)


def groups(
    pairs: Pairs, merge: float = MERGE, constraints: Constraints = NO_CONSTRAINTS
) -> tuple[Group, ...]:
    """Solve: put records into groups, best pairs first.

    Args:
        pairs: candidates at or above the threshold, in any order, each at most once.
        merge: see `MERGE`.
        constraints: known links, which hold below the threshold too, and what must not merge.

    Returns:
        Groups of two or more, ordered by their first member.

    Raises:
        TacitError: CONTRADICTION; the constraints cannot all hold.
    """
    members: dict[Record, tuple[Record, ...]] = {}
    for step in merges(pairs.ranked(), merge, constraints):
        joined = step.left + step.right
        for record in joined:
            members[record] = joined
    return _with_links(sorted({tuple(sorted(joined)) for joined in members.values()}), pairs)


def _with_links(members: list[tuple[Record, ...]], pairs: Pairs) -> tuple[Group, ...]:
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
