"""What will end soon: an agreement, or the time of its linkage key."""

from collections.abc import Iterator
from dataclasses import dataclass

from tacit.linkage.agreement import Agreement
from tacit.linkage.agreement_versions import DAY, ends_at

WARN_DAYS = 30
"""Days before an end from which it is told; a quarter of a linkage key's time, where shorter."""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that ends soon.

    Attributes:
        what: "agreement" or "key".
        at: when, milliseconds.
        days: whole days until then.
    """

    what: str
    at: int
    days: int


def due(agreement: Agreement, epoch_ends_at: int, now: int) -> tuple[Due, ...]:
    """Say what ends soon.

    Args:
        agreement: in force.
        epoch_ends_at: when the next linkage key is due, milliseconds; 0 where none is by itself.
        now: milliseconds.
    """
    return tuple(_due(agreement, epoch_ends_at, now))


def _due(agreement: Agreement, epoch_ends_at: int, now: int) -> Iterator[Due]:
    end = ends_at(agreement)
    if end is not None and 0 <= end - now <= WARN_DAYS * DAY:
        yield Due("agreement", end, (end - now) // DAY)
    warned = min(WARN_DAYS * DAY, agreement.epoch_days * DAY // 4)
    if epoch_ends_at and 0 <= epoch_ends_at - now <= warned:
        yield Due("key", epoch_ends_at, (epoch_ends_at - now) // DAY)
