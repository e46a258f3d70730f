"""From scored pairs to precision and recall at every threshold: pure, the same for all linkers.

Pairs are of records of different files. Each way of turning scored pairs into links gives its own
curve:

- `pairwise`: every pair at or above the threshold is a link;
- `one-to-one`: between each two files a record has at most one link, best pairs first;
- `groups`: anonlink's multi-party greedy solver, at most one record of each file in a group;
- `components`: whatever hangs together is one person, as Splink's clustering has it.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from tacit.linkage.cluster import Pairs

Record = tuple[int, int]
Truth = Sequence[Sequence[str]]
MERGE = 0.5
"""anonlink's default for the share of pairs between two groups that must be candidates."""
Step = tuple[float, int, int]
"""A score, and how many more links, and how many more right ones, there are from it downwards."""


@dataclass(frozen=True, slots=True)
class Point:
    """Pairwise accuracy at one threshold.

    Attributes:
        threshold: least score of a link, in the linker's own unit.
        precision: share of links that are right; 1 if there are none.
        recall: share of true pairs that are linked.
        f1: harmonic mean of the two.
    """

    threshold: float
    precision: float
    recall: float
    f1: float


def point(threshold: float, found: int, right: int, total: int) -> Point:
    """Score `found` links of which `right` are right, of `total` true pairs."""
    return Point(
        threshold,
        right / found if found else 1.0,
        right / total if total else 1.0,
        2 * right / (found + total) if found + total else 1.0,
    )


def curve(steps: Iterator[Step], total: int) -> tuple[Point, ...]:
    """Sum steps up, by falling threshold; equal scores make one point."""
    points: list[Point] = []
    found = right = 0
    last: float | None = None
    for score, more, more_right in steps:
        if last is not None and score < last:
            points.append(point(last, found, right, total))
        last = score
        found += more
        right += more_right
    if last is not None:
        points.append(point(last, found, right, total))
    return tuple(points)


def best(points: Sequence[Point]) -> Point:
    """Find the point of highest F1, of several the one of the highest threshold."""
    return max(points, key=lambda one: one.f1, default=point(1.0, 0, 0, 1))


def at(points: Sequence[Point], threshold: float) -> Point:
    """Find the point that holds at a threshold: the lowest one not below it."""
    above = [one for one in points if one.threshold >= threshold]
    return above[-1] if above else Point(threshold, 1.0, 0.0, 0.0)


def thinned(points: Sequence[Point], most: int) -> tuple[Point, ...]:
    """Keep about `most` points, evenly spaced in recall, for drawing and storing."""
    kept: list[Point] = []
    for one in points:
        if not kept or abs(one.recall - kept[-1].recall) + abs(
            one.precision - kept[-1].precision
        ) >= 2 / max(most, 1):
            kept.append(one)
    if points and kept[-1] is not points[-1]:
        kept.append(points[-1])
    return tuple(kept)


def pairwise(pairs: Pairs, truth: Truth) -> Iterator[Step]:
    """Take every pair for a link."""
    for one, other, score in _rows(pairs):
        yield score, 1, _same(truth, one, other)


def one_to_one(pairs: Pairs, truth: Truth) -> Iterator[Step]:
    """Link each record at most once to each other file."""
    taken: set[tuple[Record, int]] = set()
    for one, other, score in _rows(pairs):
        sides = {(one, other[0]), (other, one[0])}
        if taken.isdisjoint(sides):
            taken |= sides
            yield score, 1, _same(truth, one, other)


def groups(pairs: Pairs, truth: Truth) -> Iterator[Step]:
    """Merge groups that share no file as soon as half of the pairs between them have come up.

    The method of `anonlink.solving.probabilistic_greedy_solve` with its default settings.
    """
    members: list[list[Record]] = []
    met: list[dict[int, int]] = []
    home: dict[Record, int] = {}
    for one, other, score in _rows(pairs):
        for record in (one, other):
            if record not in home:
                home[record] = len(members)
                members.append([record])
                met.append({})
        left, right = home[one], home[other]
        if {record[0] for record in members[left]} & {record[0] for record in members[right]}:
            continue
        met[left][right] = met[right][left] = met[left].get(right, 0) + 1
        if met[left][right] < MERGE * len(members[left]) * len(members[right]):
            continue
        found = len(members[left]) * len(members[right])
        yield score, found, _right(members[left], members[right], truth)
        for third, seen in met[right].items():
            del met[third][right]
            if third != left:
                met[left][third] = met[third][left] = met[left].get(third, 0) + seen
        members[left] += members[right]
        home |= dict.fromkeys(members[right], left)


def components(pairs: Pairs, truth: Truth) -> Iterator[Step]:
    """Join whatever a pair connects."""
    home: dict[Record, list[Record]] = {}
    for one, other, score in _rows(pairs):
        left, right = home.setdefault(one, [one]), home.setdefault(other, [other])
        if left is right:
            continue
        small, large = sorted((left, right), key=len)
        yield score, _across(small, large), _right(small, large, truth)
        large += small
        for record in small:
            home[record] = large


WAYS: Mapping[str, Callable[[Pairs, Truth], Iterator[Step]]] = {
    "pairwise": pairwise,
    "one-to-one": one_to_one,
    "groups": groups,
    "components": components,
}


def count(groups_of: Sequence[Sequence[Record]], truth: Truth, total: int) -> Point:
    """Score finished groups."""
    links = [pair for group in groups_of for pair in combinations(group, 2) if _apart(*pair)]
    return point(0.0, len(links), sum(_same(truth, *pair) for pair in links), total)


def _rows(pairs: Pairs) -> Iterator[tuple[Record, Record, float]]:
    ranked = pairs.ranked()
    columns = (ranked.left_set, ranked.left, ranked.right_set, ranked.right, ranked.score)
    for left_set, left, right_set, right, score in zip(
        *(column.tolist() for column in columns), strict=True
    ):
        yield (left_set, left), (right_set, right), score


def _apart(one: Record, other: Record) -> bool:
    return one[0] != other[0]


def _same(truth: Truth, one: Record, other: Record) -> bool:
    value = truth[one[0]][one[1]]
    return bool(value) and value == truth[other[0]][other[1]]


def _across(one: Sequence[Record], other: Sequence[Record]) -> int:
    """Count the pairs between two components whose files differ."""
    held = Counter(record[0] for record in other)
    return sum(len(other) - held[record[0]] for record in one)


def _right(small: Sequence[Record], large: Sequence[Record], truth: Truth) -> int:
    wanted = {truth[record[0]][record[1]] for record in small} - {""}
    some = [record for record in large if truth[record[0]][record[1]] in wanted]
    return sum(_apart(one, other) and _same(truth, one, other) for one in small for other in some)
