"""A release: published counts, each either exact or suppressed."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

FULL_OVERLAP_MEMBERS = 5  # 31 combinations; beyond that only the largest are listed
MEMBERS_DIMENSION = "members"


@dataclass(frozen=True, slots=True)
class CountRow:
    """Distinct victims of one code; None where suppressed."""

    key: str
    count: int | None


@dataclass(frozen=True, slots=True)
class CountTable:
    """Distinct victims by the codes of one dimension; the total is that of the release."""

    dimension: str
    rows: tuple[CountRow, ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class OverlapRow:
    """Distinct victims documented by exactly these members (indices) and no others."""

    members: tuple[int, ...]
    count: int | None


@dataclass(frozen=True, slots=True)
class CountResult:
    """A release: every number in it is either exact or None where suppressed.

    Attributes:
        minimum: counts from 1 to minimum - 1 are suppressed, and others with them where needed.
        distinct: distinct victims in all.
        records: records before deduplication.
        members: per member, the distinct victims that it documents.
        overlap: with up to five members, every combination of members, zeros included; with more,
            the largest combinations of `minimum` or more.
        tables: one per dimension; with more than five members the first table, of the dimension
            "members", counts victims by the number of members that document them.
    """

    minimum: int
    distinct: int | None
    records: int | None
    members: tuple[int | None, ...]
    overlap: tuple[OverlapRow, ...]
    tables: tuple[CountTable, ...]

    def only(self, dimensions: Iterable[str]) -> "CountResult":
        """Leave out the tables of other dimensions; nothing that is shown changes."""
        wanted = {*dimensions, MEMBERS_DIMENSION}
        return replace(self, tables=tuple(t for t in self.tables if t.dimension in wanted))
