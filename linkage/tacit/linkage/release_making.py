"""A release made of the counts that may be shown."""

from tacit.linkage.count_system import DISTINCT, RECORDS, Key
from tacit.linkage.release import (
    FULL_OVERLAP_MEMBERS,
    MEMBERS_DIMENSION,
    CountResult,
    CountRow,
    CountTable,
    OverlapRow,
)
from tacit.linkage.tabulation import Tabulation


def make_release(exact: Tabulation, minimum: int, shown: dict[Key, int]) -> CountResult:
    """Put together what is shown; every other count is None, but zeros are shown.

    Args:
        exact: the exact counts.
        minimum: smallest count that is shown.
        shown: the counts to show, by key.
    """
    everyone = range(exact.members)
    total = shown.get(DISTINCT, None if exact.distinct else 0)
    in_full = exact.members <= FULL_OVERLAP_MEMBERS
    tables = [
        CountTable(
            dimension,
            tuple(
                CountRow(code, shown.get((f"table {dimension}", code), None if count else 0))
                for code, count in table.items()
            ),
            total,
        )
        for dimension, table in exact.tables.items()
    ]
    if not in_full:
        sizes = tuple(
            CountRow(str(size), shown.get(("size", size))) for size in range(1, exact.members + 1)
        )
        tables.insert(0, CountTable(MEMBERS_DIMENSION, sizes, total))
    return CountResult(
        minimum=minimum,
        distinct=total,
        records=exact.records if RECORDS in shown else None,
        members=tuple(shown.get(("member", member)) for member in everyone),
        overlap=_overlap_rows(exact, shown, in_full=in_full),
        tables=tuple(tables),
    )


def _overlap_rows(
    exact: Tabulation, shown: dict[Key, int], *, in_full: bool
) -> tuple[OverlapRow, ...]:
    if in_full:
        combinations = (
            tuple(member for member in range(exact.members) if mask >> member & 1)
            for mask in range(1, 2**exact.members)
        )
        return tuple(
            OverlapRow(
                members,
                shown.get(("overlap", members)) if exact.overlap.get(members) else 0,
            )
            for members in sorted(combinations, key=lambda members: (len(members), members))
        )
    listed = [
        OverlapRow(members, shown[("overlap", members)])
        for members in exact.overlap
        if ("overlap", members) in shown
    ]
    return tuple(sorted(listed, key=lambda row: (-(row.count or 0), len(row.members), row.members)))
