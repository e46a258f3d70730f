"""What a file to check says of its own rows: whom to ask about, and whom not."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from tacit.linkage.agreement import Agreement, Purpose
from tacit.node.consent import Exclusion, allowed_purposes, exclusion
from tacit.node.store.records import StoredRecord


class Withheld(StrEnum):
    """Why a row is not asked about."""

    EXPIRED = "consent expired"
    NOT_COVERED = "consent does not cover checks"
    EMPTY = "nothing to compare"


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A record to ask about.

    Attributes:
        label: the row's own identifier in its file.
        fields: register field to value as written, not normalised.
        withheld: why the row's own consent keeps it from being asked about, or None.
    """

    label: str
    fields: Mapping[str, str] = field(repr=False)
    withheld: Withheld | None = None


def check_row(record: StoredRecord, agreement: Agreement, day: date) -> CheckRow:
    """Make a record, read from a file like one of a register's, one to ask about."""
    withheld = None
    if exclusion(record, agreement, day) is Exclusion.EXPIRED:
        withheld = Withheld.EXPIRED
    elif Purpose.CHECK.value not in allowed_purposes(record, agreement, day):
        withheld = Withheld.NOT_COVERED
    return CheckRow(record.record_id, record.fields, withheld)


def count_withheld(reasons: Iterable[Withheld | None]) -> Mapping[Withheld, int]:
    """Count the rows that are not asked about, by reason."""
    return dict(Counter(reason for reason in reasons if reason is not None))
