"""How many calls a member may have in hand, so that none can take every thread."""

import threading
from collections import Counter

import grpc

from tacit.linkage.errors import Code, TacitError


class Seats:
    """Counts the calls in hand by member.

    Args:
        limit: most calls of one member at one time.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._taken: Counter[str] = Counter()
        self._lock = threading.Lock()

    def take(self, member_id: str, context: grpc.ServicerContext) -> None:
        """Take a seat until the call ends.

        Raises:
            TacitError: BUSY, the member has none left.
        """
        with self._lock:
            if self._taken[member_id] >= self._limit:
                raise TacitError(Code.BUSY)
            self._taken[member_id] += 1
        if not context.add_callback(lambda: self._leave(member_id)):
            self._leave(member_id)

    def _leave(self, member_id: str) -> None:
        with self._lock:
            self._taken[member_id] -= 1
