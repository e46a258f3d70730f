"""The node's clock, as its store and the protocol write times."""

import time
from datetime import UTC, date, datetime


def now_ms() -> int:
    """Give the time in milliseconds since 1970-01-01T00:00:00Z."""
    return time.time_ns() // 1_000_000


def milliseconds(moment: datetime) -> int:
    """Give a time, which has its zone, as milliseconds since 1970-01-01T00:00:00Z."""
    return int(moment.timestamp() * 1000)


def today() -> date:
    """Give today's date, UTC: the same for every member, wherever its machine stands."""
    return datetime.now(UTC).date()


def shifted(skew: float) -> int:
    """Give the time by a clock that is `skew` seconds ahead of this machine's, milliseconds."""
    return now_ms() + round(skew * 1000)
