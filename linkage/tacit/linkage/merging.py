"""The order in which groups of records merge: those that are most surely one person first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from heapq import heapify, heappop, heappush

from tacit.linkage.evidence import LEAST, together

Step = tuple[float, tuple[int, ...], tuple[int, ...]]
"""(score, members of the one group, members of the other)."""


class Merging:
    """Groups of numbered records, one record each at first, and what speaks for merging them.

    Args:
        sets: set of each record.
        several: sets of which a group may hold several records.
        apart: for some records, those that they must not be put together with; both ways.
    """

    def __init__(
        self, sets: Sequence[int], several: frozenset[int], apart: Mapping[int, frozenset[int]]
    ) -> None:
        self._members: list[tuple[int, ...]] = [(record,) for record in range(len(sets))]
        self._once = [0 if number in several else 1 << number for number in sets]
        # How many records of each of the sets that may have several, where there is such a set.
        self._repeated = [{number: 1} if number in several else {} for number in sets]
        self._apart = dict(apart)
        self._support: list[dict[int, float]] = [{} for _ in sets]
        self._heap: list[tuple[float, int, int]] = []

    def join(self, known: Iterable[Sequence[int]]) -> Iterator[Step]:
        """Merge groups that are known to be one person; comes before `run`."""
        for one, *others in known:
            for other in others:
                yield self._merge(1.0, one, other)

    def run(self, pairs: Iterable[tuple[int, int, float, float]]) -> Iterator[Step]:
        """Merge whatever may, the surest first.

        Args:
            pairs: (record, record, score, support), each pair at most once, no score under `LEAST`.

        Yields:
            Steps by falling score: the least probability, of this and the steps before it, that
            what was merged is one person.
        """
        self._take_in(pairs)
        lowest = 1.0
        while self._heap:
            key, one, other = heappop(self._heap)
            if not self._is_current(-key, one, other):
                continue
            lowest = min(lowest, -key)
            if len(self._support[one]) < len(self._support[other]):
                one, other = other, one
            yield self._merge(lowest, one, other)
            self._rank(one)

    def _take_in(self, pairs: Iterable[tuple[int, int, float, float]]) -> None:
        group_of = {record: group for group, of in enumerate(self._members) for record in of}
        grown = set()
        for left, right, score, support in pairs:
            one, other = group_of[left], group_of[right]
            if one == other or self._excludes(one, other):
                continue
            total = self._support[one].get(other, 0.0) + support
            self._support[one][other] = self._support[other][one] = total
            if self._are_single(one, other):
                self._heap.append((-score, min(one, other), max(one, other)))
            else:
                grown.add(one if len(self._members[one]) > 1 else other)
        heapify(self._heap)
        for group in sorted(grown):
            self._rank(group)

    def _is_current(self, score: float, one: int, other: int) -> bool:
        """Tell whether the two groups are still what they were when they were ranked."""
        total = self._support[one].get(other)
        if total is None:
            return False
        return self._are_single(one, other) or score == self._score(total, one, other)

    def _are_single(self, one: int, other: int) -> bool:
        return len(self._members[one]) == len(self._members[other]) == 1

    def _score(self, total: float, one: int, other: int) -> float:
        sizes = len(self._members[one]), len(self._members[other])
        pairs = sizes[0] * sizes[1]
        for number, count in self._repeated[one].items():
            # Records of one set are not compared, so nothing is to be read into their silence.
            pairs -= count * self._repeated[other].get(number, 0)
        return together(total, max(pairs, 1), max(sizes))

    def _excludes(self, one: int, other: int) -> bool:
        if self._once[one] & self._once[other]:
            return True
        apart = self._apart.get(one)
        return apart is not None and not apart.isdisjoint(self._members[other])

    def _merge(self, score: float, one: int, other: int) -> Step:
        """Take `other` into `one`, with what speaks for merging it with third groups."""
        step = score, self._members[one], self._members[other]
        self._members[one] += self._members[other]
        self._members[other] = ()
        self._once[one] |= self._once[other]
        for number, count in self._repeated[other].items():
            self._repeated[one][number] = self._repeated[one].get(number, 0) + count
        apart = self._apart.pop(other, frozenset())
        if apart:
            self._apart[one] = self._apart.get(one, frozenset()) | apart
        self._support[one].pop(other, None)
        self._support[other].pop(one, None)
        for third, support in self._support[other].items():
            del self._support[third][other]
            total = self._support[one].get(third, 0.0) + support
            self._support[one][third] = self._support[third][one] = total
        self._support[other] = {}
        return step

    def _rank(self, group: int) -> None:
        """Put the group's possible merges on the heap, and forget those that must not be."""
        around = self._support[group]
        for third in [third for third in around if self._excludes(group, third)]:
            del around[third], self._support[third][group]
        for third, total in around.items():
            score = self._score(total, group, third)
            if score >= LEAST:
                heappush(self._heap, (-score, min(group, third), max(group, third)))
