"""Groups from scores that are no probabilities: by how many of the pairs between two came up.

The greedy multi-party method is anonlink's (`anonlink.solving.probabilistic_greedy_solve`): pairs
are taken by falling score, and two groups merge only if they share no set and enough of the pairs
between them have come up. Ties are broken by set index, then record index, so the result is
determined. The code is our own because it knows constraints and hands out each merge as it
happens: the groups at every threshold follow from one pass, where anonlink solves anew for each.
A test holds the two to the same groups.

Half of the pairs are enough, so a chain of three is never refused, however weak its links; where
match probabilities are known, `tacit.linkage.cluster` weighs all pairs together instead.
"""

from collections import defaultdict
from collections.abc import Iterator

from tacit.linkage.cluster import Group, Merge, Pairs, with_links
from tacit.linkage.constraints import NO_CONSTRAINTS, Constraints, Record, known_groups, rivals

MERGE = 0.5
"""Least share of pairs between two groups that must be candidates for the groups to merge."""


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

    def join(self, one: _Cluster, other: _Cluster, score: float) -> Merge:
        """Take `other` into `one`, with the pairs that came up towards third groups."""
        made = Merge(score, tuple(one.records), tuple(other.records))
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


def share_merges(
    ranked: Pairs, merge: float = MERGE, constraints: Constraints = NO_CONSTRAINTS
) -> Iterator[Merge]:
    """Solve step by step.

    Args:
        ranked: candidates by falling score, each at most once; merges with a score of at
            least a threshold make its groups.
        merge: see `MERGE`; 1 merges only where every pair is a candidate.
        constraints: known links, which merge first, and what must not merge.

    Raises:
        TacitError: CONTRADICTION; the constraints cannot all hold.
    """
    clusters = _Clusters(constraints)
    for known in known_groups(constraints):
        one = clusters.of(known[0])
        for record in known[1:]:
            yield clusters.join(one, clusters.of(record), 1.0)
    columns = (ranked.left_set, ranked.left, ranked.right_set, ranked.right, ranked.score)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    for left_set, left, right_set, right, score in rows:
        one, other = clusters.of((left_set, left)), clusters.of((right_set, right))
        if one is other or one.excludes(other):
            continue
        met = one.pending[other] + 1
        if met < merge * len(one.records) * len(other.records):
            one.pending[other] = other.pending[one] = met
            continue
        yield clusters.join(one, other, score)


def share_groups(
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
    for step in share_merges(pairs.ranked(), merge, constraints):
        joined = step.left + step.right
        for record in joined:
            members[record] = joined
    return with_links(sorted({tuple(sorted(joined)) for joined in members.values()}), pairs)
