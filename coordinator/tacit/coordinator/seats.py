"""How many calls a caller may have in hand, so that none can take every thread."""

import threading
from collections import Counter

import grpc

from tacit.linkage.errors import Code, TacitError


class Seats:
    """Counts the calls in hand by caller.

    Args:
        limit: most calls of one caller at one time.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, caller: str, context: grpc.ServicerContext) -> None:
        """Take a seat until the call ends.

        Raises:
            TacitError: BUSY, the caller has none left.
        """
        with self._lock:
            if self._taken[caller] >= self._limit:
                raise TacitError(Code.BUSY)
            self._taken[caller] += 1
        if not context.add_callback(lambda: self._leave(caller)):
            self._leave(caller)

    def _leave(self, caller: str) -> None:
        with self._lock:
            self._taken[caller] -= 1
            if not self._taken[caller]:
                del self._taken[caller]
