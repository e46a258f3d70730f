"""Exact counts of distinct victims, before any disclosure control."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tacit.linkage.codes import OTHER, UNKNOWN


@dataclass(frozen=True, slots=True)
class Tabulation:
    """Exact counts, not fit to be shown.

    Attributes:
        members: how many members there are.
        records: records before deduplication.
        overlap: members that document a victim (indices, ascending) to how many victims.
        tables: dimension to code to distinct victims; all codes of the dimension, in order.
    """

    members: int
    records: int
    overlap: Mapping[tuple[int, ...], int]
    tables: Mapping[str, Mapping[str, int]]

    @property
    def distinct(self) -> int:
        """Distinct victims in all."""
        return sum(self.overlap.values())

    def member_total(self, member: int) -> int:
        """Distinct victims that one member documents."""
        return sum(count for members, count in self.overlap.items() if member in members)


def tabulate(
    groups: Sequence[Sequence[tuple[int, int]]],
    sizes: Sequence[int],
    strata: Mapping[str, Sequence[Sequence[str]]],
    codes: Mapping[str, Sequence[str]],
) -> Tabulation:
    """Count distinct victims exactly; arguments as of `tacit.linkage.counts.count_victims`.

    Raises:
        ValueError: groups, sizes and strata do not fit together.
    """
    _check(sizes, strata)
    victims = _victims(groups, sizes)
    overlap = Counter(tuple(sorted({member for member, _ in victim})) for victim in victims)
    return Tabulation(
        members=len(sizes),
        records=sum(sizes),
        overlap=dict(sorted(overlap.items(), key=lambda item: (len(item[0]), item[0]))),
        tables={
            dimension: _table(victims, strata[dimension], listed)
            for dimension, listed in codes.items()
            if dimension in strata
        },
    )


def stratum(values: Sequence[str], order: Mapping[str, int]) -> str:
    """Decide the stratum of a victim whose records disagree.

    The most frequent value counts; "unknown" only where no record knows better. Of equally
    frequent values the one that stands first in the code list counts ("other" stands last), so
    that neither the members' nor the records' order decides.

    Args:
        values: code of each record, at least one.
        order: code to its place in the code list; "other" and "unknown" included.
    """
    votes = Counter(value if value in order else OTHER for value in values)
    if len(votes) > 1:
        del votes[UNKNOWN]
    return min(votes, key=lambda code: (-votes[code], order[code]))


def _check(sizes: Sequence[int], strata: Mapping[str, Sequence[Sequence[str]]]) -> None:
    for dimension, columns in strata.items():
        if [len(column) for column in columns] != list(sizes):
            raise ValueError(f"stratum '{dimension}' does not have one code per record")


def _victims(
    groups: Sequence[Sequence[tuple[int, int]]], sizes: Sequence[int]
) -> list[Sequence[tuple[int, int]]]:
    """List every victim as its records: the groups, then each record of none."""
    seen = [bytearray(size) for size in sizes]
    for group in groups:
        for member, record in group:
            if not 0 <= member < len(sizes) or not 0 <= record < sizes[member]:
                raise ValueError("a group names a record that does not exist")
            if seen[member][record]:
                raise ValueError("two groups hold one record")
            seen[member][record] = 1
    singles = (
        ((member, record),)
        for member, marks in enumerate(seen)
        for record, mark in enumerate(marks)
        if not mark
    )
    return [*(group for group in groups if group), *singles]


def _table(
    victims: Iterable[Sequence[tuple[int, int]]],
    columns: Sequence[Sequence[str]],
    listed: Sequence[str],
) -> dict[str, int]:
    order = {code: place for place, code in enumerate((*listed, OTHER, UNKNOWN))}
    table = dict.fromkeys(order, 0)
    for victim in victims:
        table[stratum([columns[member][record] for member, record in victim], order)] += 1
    return table
