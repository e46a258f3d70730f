"""What is known beforehand of which records are one person, and whether it can all be true."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise

from tacit.linkage.errors import Code, TacitError

Record = tuple[int, int]
"""(set index, record index)."""


@dataclass(frozen=True, slots=True)
class Constraints:
    """Links and non-links that hold whatever the scores say.

    Attributes:
        same: pairs of records known to be one person.
        different: pairs of records known to be two persons.
        several: indices of the sets that may hold a person more than once, as their member does
            not promise deduplicated records.
    """

    same: tuple[tuple[Record, Record], ...] = ()
    different: tuple[tuple[Record, Record], ...] = ()
    several: frozenset[int] = frozenset()


NO_CONSTRAINTS = Constraints()


def known_groups(constraints: Constraints) -> tuple[tuple[Record, ...], ...]:
    """Give the groups of two or more that known links make, directly or through a third.

    Returns:
        Members ascending; groups by first member.

    Raises:
        TacitError: CONTRADICTION; known links put together what must not be.
    """
    group_of: dict[Record, list[Record]] = {}
    for left, right in constraints.same:
        one, other = group_of.get(left, [left]), group_of.get(right, [right])
        if left == right or one is other:
            continue
        if len(one) < len(other):
            one, other = other, one
        one += other
        group_of.update(dict.fromkeys(other, one))
        group_of[one[0]] = one
    _check_apart(group_of, constraints)
    distinct = {id(group): group for group in group_of.values()}
    known = tuple(sorted(tuple(sorted(group)) for group in distinct.values()))
    for members in known:
        _check_once(members, constraints.several)
    return known


def rivals(constraints: Constraints) -> Mapping[Record, frozenset[Record]]:
    """Give for each record with known non-links those that it must not be put together with."""
    found: dict[Record, set[Record]] = {}
    for left, right in constraints.different:
        found.setdefault(left, set()).add(right)
        found.setdefault(right, set()).add(left)
    return {record: frozenset(others) for record, others in found.items()}


def _check_apart(group_of: Mapping[Record, list[Record]], constraints: Constraints) -> None:
    for left, right in sorted(constraints.different):
        one = group_of.get(left)
        if left == right or (one is not None and one is group_of.get(right)):
            raise TacitError(
                Code.CONTRADICTION,
                problem=f"record {left[1]} of set {left[0]} and record {right[1]} of set {right[0]} are a known non-link, and known links make them one",
            )


def _check_once(members: Iterable[Record], several: frozenset[int]) -> None:
    """Refuse two records of a deduplicated set; `members` ascend."""
    for one, other in pairwise(members):
        if one[0] == other[0] and one[0] not in several:
            raise TacitError(
                Code.CONTRADICTION,
                problem=f"known links make records {one[1]} and {other[1]} of set {one[0]} one, and that set holds nobody twice",
            )
