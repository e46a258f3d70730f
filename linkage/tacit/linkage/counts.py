"""Distinct victims that the members document together, counted and fit to be shown.

`count_victims` is the one way in: it counts every dimension at once and protects all tables in
one system (`tacit.linkage.disclosure`), so that the same run always gives the same release and no
choice of tables gives more than another.
"""

from collections.abc import Mapping, Sequence

from tacit.linkage.release import CountResult, CountRow, CountTable, OverlapRow
from tacit.linkage.tabulation import tabulate

__all__ = ["CountResult", "CountRow", "CountTable", "OverlapRow", "count_victims"]


def count_victims(
    groups: Sequence[Sequence[tuple[int, int]]],
    sizes: Sequence[int],
    strata: Mapping[str, Sequence[Sequence[str]]],
    codes: Mapping[str, Sequence[str]],
    minimum: int,
    *,
    sizes_public: bool = True,
) -> CountResult:
    """Count distinct victims and suppress what would tell of few.

    Args:
        groups: match groups as (member, record) indices; a record of none is a victim by itself.
        sizes: records per member.
        strata: dimension to code of each record, per member.
        codes: dimension to its code list; "other" and "unknown" are added.
        minimum: smallest count that is shown.
        sizes_public: readers know how many records each member holds (the ledger says it), so
            that hiding a member's total protects nothing else. Ignored with two members, where
            each knows the other's records that match its own anyway.

    Raises:
        ValueError: groups, sizes and strata do not fit together.
    """
    # Loads scipy's optimisation, a second that only a count is worth.
    from tacit.linkage.disclosure import protect  # noqa: PLC0415

    exact = tabulate(groups, sizes, strata, codes)
    return protect(exact, minimum, sizes_public=sizes_public)
