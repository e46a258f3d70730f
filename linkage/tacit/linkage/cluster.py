"""From scored pairs to match groups: at most one record of a deduplicated member in a group.

Groups merge one after the other, those first that all pairs between them together make most
surely one person (`tacit.linkage.evidence` has the rule), until that is less sure than the
threshold asks for. One strong link thus does not chain two groups whose other records disagree.
Known links merge before anything else, and what is known to be two persons never comes together,
not through a third either. Ties are broken by set index, then record index, so the result is
determined. As merges come in order of falling score, one pass hands out the groups of every
threshold. Between two sets that hold nobody twice the groups are those of anonlink's greedy method
(`anonlink.solving.probabilistic_greedy_solve`).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tacit.linkage.constraints import NO_CONSTRAINTS, Constraints, Record, known_groups, rivals
from tacit.linkage.evidence import LEAST, support
from tacit.linkage.merging import Merging


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
            through a third, or are a known link.
    """

    members: tuple[Record, ...]
    links: tuple[Link, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Scored pairs of all sets as parallel arrays, left set index below the right one.

    Attributes:
        left_set: integers.
        left: integers, record index in the left set.
        right_set: integers.
        right: integers, record index in the right set.
        score: float64.
    """

    left_set: NDArray[np.integer[Any]]
    left: NDArray[np.integer[Any]]
    right_set: NDArray[np.integer[Any]]
    right: NDArray[np.integer[Any]]
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
        score: highest threshold at which they do; 1 for known links.
        left: members of the one group.
        right: members of the other.
    """

    score: float
    left: tuple[Record, ...]
    right: tuple[Record, ...]


def merges(pairs: Pairs, constraints: Constraints = NO_CONSTRAINTS) -> Iterator[Merge]:
    """Solve step by step.

    Args:
        pairs: all candidates, in any order, each at most once, of different sets. Scores are
            taken as match probabilities; none under `evidence.LEAST` is looked at.
        constraints: known links, which merge first, and what must not merge.

    Yields:
        Merges by falling score; those with a score of at least a threshold make its groups.

    Raises:
        TacitError: CONTRADICTION; the constraints cannot all hold.
    """
    known, apart = known_groups(constraints), rivals(constraints)
    used = pairs.take(pairs.score > LEAST).ranked()
    columns = (used.left_set, used.left, used.right_set, used.right)
    lists = [column.tolist() for column in columns]
    left, right = list(zip(*lists[:2], strict=True)), list(zip(*lists[2:], strict=True))
    records = sorted({*left, *right, *(record for group in known for record in group)})
    number = {record: index for index, record in enumerate(records)}
    state = Merging(
        [record[0] for record in records],
        constraints.several,
        {
            number[record]: frozenset(number[other] for other in others if other in number)
            for record, others in apart.items()
            if record in number
        },
    )
    rows = zip(
        map(number.__getitem__, left),
        map(number.__getitem__, right),
        used.score.tolist(),
        support(used.score).tolist(),
        strict=True,
    )
    for steps in (state.join([[number[record] for record in of] for of in known]), state.run(rows)):
        for score, one, other in steps:
            yield Merge(score, tuple(records[i] for i in one), tuple(records[i] for i in other))


def groups(
    pairs: Pairs, threshold: float = 0.0, constraints: Constraints = NO_CONSTRAINTS
) -> tuple[Group, ...]:
    """Solve: put records into groups, the surest first.

    Args:
        pairs: all candidates, also those under the threshold, as what speaks against a group
            counts too; see `merges`.
        threshold: least score of a merge.
        constraints: known links, which hold below the threshold too, and what must not merge.

    Returns:
        Groups of two or more, ordered by their first member; their links are the candidates that
        reach the threshold.

    Raises:
        TacitError: CONTRADICTION; the constraints cannot all hold.
    """
    return groups_of(merges(pairs, constraints), pairs, threshold)


def groups_of(steps: Iterable[Merge], pairs: Pairs, threshold: float) -> tuple[Group, ...]:
    """Give the groups of a threshold from the merges that `merges` gave of the pairs."""
    members: dict[Record, tuple[Record, ...]] = {}
    for step in steps:
        if step.score < threshold:
            break
        joined = step.left + step.right
        members.update(dict.fromkeys(joined, joined))
    found = sorted({tuple(sorted(joined)) for joined in members.values()})
    return with_links(found, pairs.take(pairs.score >= threshold))


def with_links(members: list[tuple[Record, ...]], pairs: Pairs) -> tuple[Group, ...]:
    """Make groups of the given members, with those of the pairs that lie within one."""
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
