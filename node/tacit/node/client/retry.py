"""Ask again when the coordinator is away, but only what may be asked twice.

Exponential backoff with full jitter ("Exponential Backoff And Jitter", AWS Architecture Blog,
2015): the wait before attempt n is uniform on [0, min(cap, base * 2^n)].
"""

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from tacit.linkage.errors import Code, TacitError

_T = TypeVar("_T")
TRANSIENT = frozenset(
    {
        Code.UNAVAILABLE,
        Code.BUSY,
        Code.STORE_BUSY,
        Code.REQUEST_STALE,
        Code.RATE_LIMITED,
        Code.TOO_SLOW,
        Code.CUT_OFF,
    }
)

LONGEST_PAUSE = 60.0
"""Seconds that a node waits at most because a coordinator asks it to."""

# What is wrong with the coordinator, the way to it, this member or the store is wrong for every
# project.
CONCERNS_ALL = TRANSIENT | {
    Code.UNAUTHENTICATED,
    Code.CERTIFICATE_EXPIRED,
    Code.REVOKED,
    Code.UNCONFIRMED,
    Code.UNTRUSTED,
    Code.VERSION_UNSUPPORTED,
    Code.STORE_FAILED,
}


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How long to go on trying.

    Attributes:
        base: longest first wait, seconds.
        cap: longest wait of all, seconds.
        patience: seconds of waiting after which the last error stands.
        sleep: waits for so many seconds.
        jitter: draws uniformly from [0, x].
    """

    base: float = 0.1
    cap: float = 3.0
    patience: float = 15.0
    sleep: Callable[[float], None] = time.sleep
    jitter: Callable[[float], float] = field(default=lambda most: random.uniform(0, most))  # noqa: S311

    def waits(self) -> Iterator[float]:
        """Give the wait before each further attempt, until patience ends."""
        waited, bound = 0.0, min(self.cap, self.base)
        while waited < self.patience:
            # Patience is spent by the bound, so that unlucky draws cannot try for ever.
            waited += bound
            yield self.jitter(bound)
            bound = min(self.cap, bound * 2)


def is_transient(error: TacitError) -> bool:
    """Tell whether the same request may succeed later without anybody doing anything."""
    return error.code in TRANSIENT


def pause(policy: RetryPolicy, wait: float, error: TacitError) -> None:
    """Wait before the next attempt; not for less than the coordinator asked for."""
    asked = error.params.get("seconds")
    if error.code is Code.RATE_LIMITED and isinstance(asked, int):
        wait = max(wait, min(float(asked), LONGEST_PAUSE))
    policy.sleep(wait)


def retrying(policy: RetryPolicy, attempt: Callable[[], _T]) -> _T:
    """Make an idempotent attempt until it succeeds, fails for good, or patience ends.

    Raises:
        TacitError: the last attempt's.
    """
    waits = policy.waits()
    while True:
        try:
            return attempt()
        except TacitError as error:
            if not is_transient(error):
                raise
            wait = next(waits, None)
            if wait is None:
                raise
            failure = error
        pause(policy, wait, failure)
