"""Letting streams wait for runs to change, without asking the database again and again."""

import threading
from collections import Counter


class Changes:
    """Counts the changes of each run in this process and wakes those who wait for one."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._counts: Counter[str] = Counter()

    def announce(self, run_id: str) -> None:
        """Say that a run has changed; call after the change is committed."""
        with self._condition:
            self._counts[run_id] += 1
            self._condition.notify_all()

    def seen(self, run_id: str) -> int:
        """Give the number of changes so far; take it before reading the run."""
        with self._condition:
            return self._counts[run_id]

    def wait(self, run_id: str, seen: int, seconds: float) -> int:
        """Wait until there are more changes than `seen`, or the time is over; give the number."""
        with self._condition:
            self._condition.wait_for(lambda: self._counts[run_id] != seen, seconds)
            return self._counts[run_id]
