"""Put suspected pairs of one register together into groups, as a person has settled them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tacit.linkage.within import LIKELY, Likeness

Pair = tuple[int, int]

LEAST_LINKED = 0.5
"""Least share of pairs between two groups that must be suspected for the groups to merge."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Records of one register that may all be one person.

    Attributes:
        records: indices, ascending.
        probability: of the weakest pair by which a record came in.
        pairs: suspected pairs within the group, by falling probability.
    """

    records: tuple[int, ...]
    probability: float
    pairs: tuple[Likeness, ...]


def suspicions(
    pairs: Sequence[Likeness],
    same: Iterable[Pair] = (),
    different: Iterable[Pair] = (),
    least: float = LIKELY,
) -> tuple[Suspicion, ...]:
    """Group suspected pairs, the most probable first.

    Args:
        pairs: as `find_within` gives them.
        same: pairs known to be one person; a group that holds nothing else is not reported.
        different: pairs known to be different people; no group holds both.
        least: probability from which a pair counts.

    Returns:
        Groups of two records or more, by falling probability, then by first record.
    """
    unit = {record: group[0] for group in same_groups(same) for record in group}
    held = _members(unit)
    apart = {_pair(unit.get(a, a), unit.get(b, b)) for a, b in different}
    likely = [pair for pair in pairs if pair.probability >= least]
    likely.sort(key=lambda pair: (-pair.probability, pair.left, pair.right))
    ends = [_pair(unit.get(p.left, p.left), unit.get(p.right, p.right)) for p in likely]
    linked = {pair for pair in ends if pair[0] != pair[1]}
    group: dict[int, _Group] = {}
    for pair, (left, right) in zip(likely, ends, strict=True):
        one = group.setdefault(left, _Group([left]))
        other = group.setdefault(right, _Group([right]))
        if one is not other and _may_merge(one, other, linked, apart):
            one.units += other.units
            one.pairs += other.pairs
            one.weakest = min(one.weakest, other.weakest, pair.probability)
            for member in other.units:
                group[member] = one
        if group[left] is group[right]:
            group[left].pairs.append(pair)
    distinct = {id(found): found for found in group.values() if len(found.units) > 1}.values()
    found = [
        Suspicion(
            tuple(sorted(record for head in one.units for record in held.get(head, [head]))),
            one.weakest,
            tuple(sorted(one.pairs, key=lambda p: (-p.probability, p.left, p.right))),
        )
        for one in distinct
    ]
    return tuple(sorted(found, key=lambda group: (-group.probability, group.records)))


def same_groups(same: Iterable[Pair]) -> list[tuple[int, ...]]:
    """Give the groups that pairs known to be one person make, ascending."""
    group: dict[int, set[int]] = {}
    for left, right in same:
        joined = group.get(left, {left}) | group.get(right, {right})
        for record in joined:
            group[record] = joined
    return sorted({tuple(sorted(joined)) for joined in group.values()})


@dataclass(slots=True)
class _Group:
    """Units, each one record or several known to be one person, held to be one person."""

    units: list[int]
    pairs: list[Likeness] = field(default_factory=list)
    weakest: float = 1.0


def _may_merge(one: _Group, other: _Group, linked: set[Pair], apart: set[Pair]) -> bool:
    between = [_pair(a, b) for a in one.units for b in other.units]
    if not apart.isdisjoint(between):
        return False
    return sum(pair in linked for pair in between) >= LEAST_LINKED * len(between)


def _pair(a: int, b: int) -> Pair:
    return (a, b) if a < b else (b, a)


def _members(unit: Mapping[int, int]) -> dict[int, list[int]]:
    held: dict[int, list[int]] = {}
    for record, head in unit.items():
        held.setdefault(head, []).append(record)
    return held
