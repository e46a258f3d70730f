"""The clock by which requests are dated."""

import time
from collections.abc import Callable


class RequestClock:
    """Milliseconds since 1970 that never jump, whatever becomes of the machine's clock meanwhile.

    Args:
        now: the machine's clock, read once.
        elapsed: seconds on a clock that only goes forward.
    """

    def __init__(
        self,
        now: Callable[[], int],
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        self.started = now()
        self._elapsed = elapsed
        self._origin = elapsed()

    def __call__(self) -> int:
        """Give the time."""
        return self.started + int((self._elapsed() - self._origin) * 1000)
