"""Which records may be encoded, for what, on a given day: a pure rule, with the day passed in."""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from tacit.linkage.agreement import Purpose
from tacit.node.store.records import StoredRecord

NO_PURPOSE = "none"
"""What a record's purposes hold where consent to every purpose was withheld in so many words."""


class Exclusion(StrEnum):
    """Why a record stays out of a linkage."""

    EXPIRED = "consent expired"
    NO_PURPOSE = "consent to no purpose"
    OTHER_PURPOSES = "consent to none of the agreement's purposes"


@dataclass(frozen=True, slots=True)
class Permitted:
    """What may be encoded.

    Attributes:
        records: each with the purposes it may serve, in the agreement's order.
        excluded: how many stay out, by reason.
    """

    records: tuple[tuple[StoredRecord, tuple[Purpose, ...]], ...]
    excluded: Mapping[Exclusion, int]


def allowed_purposes(
    record: StoredRecord, agreed: Collection[Purpose], today: dt.date
) -> tuple[Purpose, ...] | Exclusion:
    """Give the agreed purposes that a record's consent covers, or why it covers none.

    A record that states no purposes was given for all. Consent holds through its last day.

    Args:
        record: as it is stored.
        agreed: the agreement's purposes.
        today: the day on which it would be encoded.
    """
    if record.consent_expires and dt.date.fromisoformat(record.consent_expires) < today:
        return Exclusion.EXPIRED
    if NO_PURPOSE in record.purposes:
        return Exclusion.NO_PURPOSE
    covered = tuple(p for p in agreed if not record.purposes or p.value in record.purposes)
    return covered or Exclusion.OTHER_PURPOSES


def permit(
    records: Iterable[StoredRecord], agreed: Collection[Purpose], today: dt.date
) -> Permitted:
    """Apply `allowed_purposes` to a register and count what stays out."""
    kept: list[tuple[StoredRecord, tuple[Purpose, ...]]] = []
    excluded: Counter[Exclusion] = Counter()
    for record in records:
        verdict = allowed_purposes(record, agreed, today)
        if isinstance(verdict, Exclusion):
            excluded[verdict] += 1
        else:
            kept.append((record, verdict))
    return Permitted(tuple(kept), dict(excluded))
