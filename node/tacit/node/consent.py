"""Which records may be encoded, for what, on a given day: a pure rule, with the day passed in."""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping
from enum import StrEnum

from tacit.linkage.agreement import Agreement
from tacit.node.store.records import StoredRecord

NO_PURPOSE = "none"
"""What a record's purposes hold where consent to every purpose was withheld in so many words."""


class Exclusion(StrEnum):
    """Why a record stays out of a linkage."""

    EXPIRED = "consent expired"
    NO_PURPOSE = "consent to no purpose"
    WITHDRAWN = "withdrawn"
    OTHER_PURPOSES = "consent to none of the agreement's purposes"


def allowed_purposes(record: StoredRecord, agreement: Agreement, today: dt.date) -> tuple[str, ...]:
    """Give the agreed purposes that a record's consent covers; none means it stays out.

    A record that states no purposes was given for all. Consent holds through its last day.

    Args:
        record: as it is stored.
        agreement: what the members agreed on.
        today: the day on which the record would be encoded.

    Returns:
        Values of `Purpose`, in the agreement's order.
    """
    if _expired(record, today):
        return ()
    return tuple(
        purpose.value
        for purpose in agreement.purposes
        if not record.purposes or purpose.value in record.purposes
    )


def exclusion(record: StoredRecord, agreement: Agreement, today: dt.date) -> Exclusion | None:
    """Say why a record stays out of a linkage, or None where it goes in."""
    if allowed_purposes(record, agreement, today):
        return None
    if _expired(record, today):
        return Exclusion.EXPIRED
    return Exclusion.NO_PURPOSE if NO_PURPOSE in record.purposes else Exclusion.OTHER_PURPOSES


def count_exclusions(
    records: Iterable[StoredRecord], agreement: Agreement, today: dt.date
) -> Mapping[Exclusion, int]:
    """Count the records that stay out, by reason."""
    reasons = (exclusion(record, agreement, today) for record in records)
    return dict(Counter(reason for reason in reasons if reason is not None))


def _expired(record: StoredRecord, today: dt.date) -> bool:
    return bool(record.consent_expires) and dt.date.fromisoformat(record.consent_expires) < today
